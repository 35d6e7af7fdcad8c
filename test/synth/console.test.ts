// The console in the stack: one origin for the page and the API, and nothing that hides the API's answers.
import { expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../console/headers.ts';
import { makeStack, resourcesOf, synthesize } from './synthesize.ts';
import { EXISTING_CLUSTER, VARIANTS } from './variants.ts';

const template = synthesize(VARIANTS['console with sign-in'] ?? {});
const open = synthesize(VARIANTS['console at a name of its own, open'] ?? {});
const one = (type: string, from = template) => {
  const found = resourcesOf(from, type);
  expect(found).toHaveLength(1);
  return found[0]?.[1].Properties ?? {};
};
const text = (value: unknown) => JSON.stringify(value);

test('it is off unless it is asked for', () => {
  const { cognito = {} } = VARIANTS;
  expect(resourcesOf(synthesize(cognito), 'AWS::CloudFront::Distribution')).toEqual([]);
});

test('its certificate is of us-east-1, wherever the stack is; what else is elsewhere is refused', () => {
  const settings = { ...EXISTING_CLUSTER, ...VARIANTS['console at a name of its own, open'] };
  const make = (region: string) =>
    makeStack(settings, { env: { account: '123456789012', region } });
  expect(() => make('eu-west-1')).not.toThrow();
  expect(() => make('us-east-1')).toThrow(
    'Setting clusterArn is of the region eu-west-1, and the stack is of us-east-1.',
  );
});

test('the API stands beside the page; its errors stay its own', () => {
  const { DistributionConfig } = one('AWS::CloudFront::Distribution');
  expect(DistributionConfig).toMatchObject({
    DefaultRootObject: 'index.html',
    DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https' },
    CacheBehaviors: [
      {
        PathPattern: '/api/*',
        ViewerProtocolPolicy: 'https-only',
        AllowedMethods: expect.arrayContaining(['DELETE', 'OPTIONS']),
        // Managed-CachingDisabled, Managed-AllViewerExceptHostHeader.
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      },
    ],
  });
  expect(DistributionConfig).not.toHaveProperty('CustomErrorResponses');
});

test('a browser is told the same as by the runner, and of the sign-in', () => {
  const { ResponseHeadersPolicyConfig } = one('AWS::CloudFront::ResponseHeadersPolicy');
  const [before, after] = contentSecurityPolicy('https://sign-in').split('https://sign-in');
  const told = text(ResponseHeadersPolicyConfig);
  expect(told).toContain(before);
  expect(told).toContain(after);
  expect(told).toContain('amazoncognito.com');
  const openly = one('AWS::CloudFront::ResponseHeadersPolicy', open);
  expect(text(openly)).toContain(`"ContentSecurityPolicy":"${contentSecurityPolicy()}"`);
});

test('people return to the console alone after signing in, by code', () => {
  const client = one('AWS::Cognito::UserPoolClient');
  expect(client).toMatchObject({ AllowedOAuthFlows: ['code'], GenerateSecret: false });
  const [[distribution] = []] = resourcesOf(template, 'AWS::CloudFront::Distribution');
  for (const urls of [client.CallbackURLs, client.LogoutURLs]) {
    expect(urls).toEqual([
      { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [distribution, 'DomainName'] }, '/']] },
    ]);
  }
});

test('the page comes after the files that it names, and is asked for anew each time', () => {
  const uploads = resourcesOf(template, 'Custom::CDKBucketDeployment');
  const [named, page] = uploads.map(([id, resource]) => ({ id, ...resource }));
  expect(text(named?.Properties.SystemMetadata)).toContain('immutable');
  expect(text(page?.Properties.SystemMetadata)).toContain('no-cache');
  expect(text(page)).toContain(`"${named?.id}"`);
  expect(text(page?.Properties.SourceMarkers)).toContain('SignInUsersClient');
});
