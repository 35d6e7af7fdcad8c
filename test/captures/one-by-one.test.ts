// I1, I5, I6, I9: every stream that a real Debezium wrote, through the built bundles, and again on top of
// itself, gives the reports that PostgreSQL's own answers make, to the digit.
import { testEveryCapture } from './every-batch-size.ts';

testEveryCapture([1]);
