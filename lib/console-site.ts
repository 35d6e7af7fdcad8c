// The console's page: its files in a private bucket, behind CloudFront with the API beside them, so that the
// page asks its own origin alone.
import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { RestApiOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { contentSecurityPolicy, OPENER_POLICY, PERMISSIONS_POLICY } from '../console/headers.ts';
import { ConsoleUpload } from './console-upload.ts';
import type { ConsoleSettings } from './settings/api-settings.ts';
import type { SignIn } from './sign-in.ts';

const HTTPS_ALONE = Duration.days(365);

export interface ConsoleSiteProps {
  readonly settings: ConsoleSettings;
  readonly api: RestApi;
  /** Undefined: nobody signs in. */
  readonly signIn: SignIn | undefined;
  readonly logRetention: RetentionDays;
}

export class ConsoleSite extends Construct {
  readonly upload: ConsoleUpload;

  constructor(scope: Construct, id: string, props: ConsoleSiteProps) {
    super(scope, id);
    const { settings, signIn } = props;
    const files = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const distribution = this.#makeDistribution(files, props);
    const url = `https://${settings.domain?.name ?? distribution.distributionDomainName}/`;
    signIn?.addReturnUrl(url);
    this.upload = new ConsoleUpload(this, 'Upload', {
      bucket: files,
      settings: { signIn: signIn?.forPages() ?? null },
      logRetention: props.logRetention,
    });
    this.upload.node.addDependency(distribution);
    new CfnOutput(this, 'Url', { value: url, description: 'The console' });
    if (settings.domain) {
      new CfnOutput(this, 'AliasTarget', { value: distribution.distributionDomainName });
    }
  }

  #makeDistribution(files: Bucket, { settings: { domain }, api, signIn }: ConsoleSiteProps) {
    return new Distribution(this, 'Distribution', {
      comment: 'The console, with the API beside it',
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      ...(domain && {
        domainNames: [domain.name],
        certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      }),
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(files as IBucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.#makeHeaders(signIn),
      },
      // No page for errors: CloudFront would put it in the place of the API's own 403 and 404.
      additionalBehaviors: {
        '/api/*': {
          origin: new RestApiOrigin(api),
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
          allowedMethods: AllowedMethods.ALLOW_ALL,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          // API Gateway finds its API by its own host name.
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        },
      },
    });
  }

  #makeHeaders(signIn: SignIn | undefined): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      comment: 'What a browser is told with the console',
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: contentSecurityPolicy(signIn?.page?.baseUrl()),
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: HTTPS_ALONE,
          includeSubdomains: false,
          override: true,
        },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'Cross-Origin-Opener-Policy', value: OPENER_POLICY, override: true },
          { header: 'Permissions-Policy', value: PERMISSIONS_POLICY, override: true },
        ],
      },
    });
  }
}
