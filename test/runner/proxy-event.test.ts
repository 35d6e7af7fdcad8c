import { expect, test } from 'vitest';
import { type ProxyEvent, readRequest } from '../../functions/outcomes/query/api-request.ts';
import { readProxyAnswer, toProxyEvent } from '../../local/lambda/proxy-event.ts';
import { proxyEvent } from '../support/proxy-event.ts';

const GET = {
  method: 'GET',
  url: '/api/outcomes/?a=1&a=2&name=%C3%BC+b',
  headers: { host: ['localhost:8000'], accept: ['text/csv', 'application/json'] },
  body: Buffer.alloc(0),
  ...{ sourceIp: '127.0.0.1', requestId: 'r-1', atMs: 5 },
};

test('a request becomes the REST proxy event of a {proxy+} resource', () => {
  expect(toProxyEvent(GET)).toMatchObject({
    resource: '/{proxy+}',
    path: '/api/outcomes/',
    httpMethod: 'GET',
    pathParameters: { proxy: 'api/outcomes' },
    headers: { host: 'localhost:8000', accept: 'application/json' },
    multiValueHeaders: { accept: ['text/csv', 'application/json'] },
    queryStringParameters: { a: '2', name: 'ü b' },
    multiValueQueryStringParameters: { a: ['1', '2'], name: ['ü b'] },
    requestContext: { stage: 'local', path: '/api/outcomes/', requestId: 'r-1' },
    body: null,
    isBase64Encoded: false,
  });
});

test('without a query there are nulls, a body travels as base64', () => {
  const event = toProxyEvent({ ...GET, url: '/api/', method: 'PUT', body: Buffer.from([0xff, 0]) });
  expect(event).toMatchObject({
    httpMethod: 'PUT',
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    body: '/wA=',
    isBase64Encoded: true,
  });
});

test('the API reads it as it reads the event that its own tests are made of', () => {
  for (const url of ['/api/outcomes/', '/api/outcomes/7/?b=%2F', '/api', '/api//x?__proto__=1']) {
    const request = { ...GET, url, headers: { host: ['localhost:8000'], accept: ['*/*'] } };
    const event: ProxyEvent = JSON.parse(JSON.stringify(toProxyEvent(request)));
    expect(readRequest(event)).toEqual(readRequest(proxyEvent(url)));
  }
});

test('an answer becomes HTTP, of whatever bytes', () => {
  const answer = { statusCode: 200, headers: { etag: 'a' }, body: '/wA=', isBase64Encoded: true };
  expect(readProxyAnswer(JSON.stringify(answer))).toEqual({
    status: 200,
    headers: { etag: 'a' },
    body: Buffer.from([0xff, 0]),
  });
  const cookies = { statusCode: 204, multiValueHeaders: { 'set-cookie': ['a', 'b'] } };
  expect(readProxyAnswer(JSON.stringify(cookies))).toEqual({
    status: 204,
    headers: { 'set-cookie': ['a', 'b'] },
    body: Buffer.alloc(0),
  });
});

test.each(['null', '"text"', '{}', '{"statusCode":"200"}', '{"statusCode":200,"body":{}}'])(
  '%s is no answer',
  (text) => {
    expect(() => readProxyAnswer(text)).toThrow('not an answer for API Gateway');
  },
);
