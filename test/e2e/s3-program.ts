// The project's own S3 server as a process: node s3-program.ts FOLDER PORT BUCKET
import { ObjectFiles } from '../../local/stores/object-files.ts';
import { createS3Server } from '../../local/stores/s3-server.ts';

const [folder = '', port = '', bucket = ''] = process.argv.slice(2);
const files = new ObjectFiles(folder);
await files.prepare();
await files.createBucket(bucket);
// A client that was killed hangs up: told, and no reason to stop.
createS3Server(files, 'e2e', console.error).listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
