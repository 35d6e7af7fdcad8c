// Which settings of the API and the console need or exclude each other.
import { isSet, needs, only, type Rule, refuse } from './rules.ts';

export const API: readonly Rule[] = [
  needs((v) => isSet(v, 'domainName'), 'a domain needs its certificate', 'certificateArn'),
  only((v) => isSet(v, 'domainName'), 'it belongs to domainName', 'certificateArn', 'hostedZoneId'),
  only((v) => v.apiAuth === 'cognito', 'it belongs to apiAuth=cognito', 'signInUrls'),
  needs(
    (v) => v.apiAuth === 'cognito' && !v.console,
    'people sign in on a page of Cognito, which returns to one of them (http://localhost:8400/ for commands)',
    'signInUrls',
  ),
  refuse(
    (v) => v.console && v.apiAuth === 'iam',
    'Setting console cannot be used with apiAuth=iam, with which a page cannot sign: set apiAuth=cognito.',
  ),
  needs(
    (v) => isSet(v, 'consoleDomainName'),
    'a domain needs its certificate',
    'consoleCertificateArn',
  ),
  only(
    (v) => v.console && isSet(v, 'consoleDomainName'),
    'it belongs to console=true with consoleDomainName',
    'consoleCertificateArn',
  ),
  only((v) => v.console, 'it belongs to console=true', 'consoleDomainName'),
  refuse(
    (v) => v.allowDelete && v.apiAuth === 'none',
    'Setting allowDelete cannot be used with apiAuth=none: anybody could delete.',
  ),
  refuse(
    (v) => v.allowDelete && v.apiAuth === 'iam' && v.deleteRoles.length === 0,
    'Setting deleteRoles is missing: with allowDelete and apiAuth=iam it names the roles that may delete.',
  ),
  refuse(
    (v) => v.deleteRoles.length > 0 && !(v.allowDelete && v.apiAuth === 'iam'),
    'Setting deleteRoles belongs to allowDelete with apiAuth=iam.',
  ),
];
