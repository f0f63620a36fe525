import { ApiError } from '../api/client';
import { editSetting, putSetting, s3, s3Document, s3Setting, throwIfChanged } from './client';
import { checksumHeader } from './crc32';
import { Draft, draftDocument, type XmlNode } from './xml';

export type Versioning = 'never' | 'enabled' | 'suspended';

export async function readVersioning(bucket: string): Promise<Versioning> {
  const status = (await s3Setting(bucket, 'versioning'))?.text('Status');
  return status === 'Enabled' ? 'enabled' : status === 'Suspended' ? 'suspended' : 'never';
}

/** As the server says it when it refuses a job that restores. */
export const restoreRefusal = 'Versioning is suspended, so that restoring would remove the version null of a key: enable versioning, and suspend it again afterwards.';
/** What becomes of versions where something is hidden behind a delete marker. Suspended, the marker takes the place of the version null, which is gone then. */
export const stayText = (versioning: Versioning) =>
  versioning === 'enabled' ? 'versions stay' : 'versioning is suspended, so the version null of each is deleted, and only the others stay';

export const versioningWith = (root: Draft, isEnabled: boolean) => root.put('Status', isEnabled ? 'Enabled' : 'Suspended');
export const writeVersioning = (bucket: string, isEnabled: boolean) => editSetting(bucket, 'versioning', 'VersioningConfiguration', [], (root) => versioningWith(root, isEnabled));

export interface Tag {
  key: string;
  value: string;
}
/** The tags that are children of an element. */
export const tagsOf = (parent: XmlNode | null | undefined): Tag[] => parent?.all('Tag').map((node) => ({ key: node.text('Key') ?? '', value: node.text('Value') ?? '' })) ?? [];
export const parseTags = (root: XmlNode | null): Tag[] => tagsOf(root?.child('TagSet'));
/** The elements of tags; of one whose key the parent has already, that one changed. */
export function tagElements(parent: Draft, tags: Tag[]): Draft[] {
  const old = new Map(parent.all('Tag').map((tag) => [tag.child('Key')?.text, tag]));
  return tags.map(({ key, value }) => (old.get(key) ?? new Draft('Tag')).put('Key', key).put('Value', value));
}
export function tagsWith(root: Draft, tags: Tag[]): Draft {
  const set = root.open('TagSet');
  set.set('Tag', tagElements(set, tags));
  return root;
}

export const readTags = async (bucket: string) => parseTags(await s3Setting(bucket, 'tagging', 'NoSuchTagSet'));
export const writeTags = (bucket: string, tags: Tag[]) => editSetting(bucket, 'tagging', 'Tagging', ['NoSuchTagSet'], (root) => (tags.length ? tagsWith(root, tags) : null));

export interface PublicAccessBlock {
  blockPublicAcls: boolean;
  ignorePublicAcls: boolean;
  blockPublicPolicy: boolean;
  restrictPublicBuckets: boolean;
}
export const openAccess: PublicAccessBlock = { blockPublicAcls: false, ignorePublicAcls: false, blockPublicPolicy: false, restrictPublicBuckets: false };
export const blockedAccess: PublicAccessBlock = { blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true };

export async function readPublicAccessBlock(bucket: string): Promise<PublicAccessBlock> {
  const root = await s3Setting(bucket, 'publicAccessBlock', 'NoSuchPublicAccessBlockConfiguration');
  if (!root) return openAccess;
  return {
    blockPublicAcls: root.flag('BlockPublicAcls'), ignorePublicAcls: root.flag('IgnorePublicAcls'),
    blockPublicPolicy: root.flag('BlockPublicPolicy'), restrictPublicBuckets: root.flag('RestrictPublicBuckets'),
  };
}
export const blockWith = (root: Draft, block: PublicAccessBlock) =>
  root.put('BlockPublicAcls', block.blockPublicAcls).put('IgnorePublicAcls', block.ignorePublicAcls).put('BlockPublicPolicy', block.blockPublicPolicy).put('RestrictPublicBuckets', block.restrictPublicBuckets);
export const writePublicAccessBlock = (bucket: string, block: PublicAccessBlock) =>
  editSetting(bucket, 'publicAccessBlock', 'PublicAccessBlockConfiguration', ['NoSuchPublicAccessBlockConfiguration'], (root) => blockWith(root, block));

export const readIsPublic = async (bucket: string) => (await s3Setting(bucket, 'policyStatus', 'NoSuchBucketPolicy'))?.flag('IsPublic') ?? false;

export type Ownership = 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';
export async function readOwnership(bucket: string): Promise<Ownership | null> {
  const root = await s3Setting(bucket, 'ownershipControls', 'OwnershipControlsNotFoundError');
  return (root?.child('Rule')?.text('ObjectOwnership') as Ownership | undefined) ?? null;
}
export function ownershipWith(root: Draft, ownership: Ownership) {
  root.open('Rule').put('ObjectOwnership', ownership);
  return root;
}
export const writeOwnership = (bucket: string, ownership: Ownership) =>
  editSetting(bucket, 'ownershipControls', 'OwnershipControls', ['OwnershipControlsNotFoundError'], (root) => ownershipWith(root, ownership));

export interface CorsRule {
  id: string;
  origins: string[];
  methods: string[];
  headers: string[];
  exposed: string[];
  maxAge: number | null;
  /** The element that it was read from; null for a new rule. */
  source: Draft | null;
}
export const parseCors = (root: XmlNode | null): CorsRule[] =>
  root?.all('CORSRule').map((rule) => ({
    id: rule.text('ID') ?? '', origins: rule.all('AllowedOrigin').map((n) => n.value), methods: rule.all('AllowedMethod').map((n) => n.value),
    headers: rule.all('AllowedHeader').map((n) => n.value), exposed: rule.all('ExposeHeader').map((n) => n.value),
    maxAge: rule.text('MaxAgeSeconds') === null ? null : rule.number('MaxAgeSeconds'), source: rule.draft(),
  })) ?? [];
export const corsWith = (root: Draft, rules: CorsRule[]) =>
  root.set('CORSRule', rules.map((rule) =>
    (rule.source?.copy() ?? new Draft('CORSRule'))
      .put('ID', rule.id || null).put('AllowedOrigin', rule.origins).put('AllowedMethod', rule.methods).put('AllowedHeader', rule.headers).put('ExposeHeader', rule.exposed).put('MaxAgeSeconds', rule.maxAge),
  ));
export const readCors = async (bucket: string) => parseCors(await s3Setting(bucket, 'cors', 'NoSuchCORSConfiguration'));
export const writeCors = (bucket: string, before: CorsRule[], rules: CorsRule[]) =>
  editSetting(bucket, 'cors', 'CORSConfiguration', ['NoSuchCORSConfiguration'], (root) => {
    throwIfChanged(before, root.all('CORSRule'));
    return rules.length ? corsWith(root, rules) : null;
  });

export interface Logging {
  target: string;
  prefix: string;
}
export const parseLogging = (root: XmlNode | null): Logging | null => {
  const enabled = root?.child('LoggingEnabled');
  return enabled ? { target: enabled.text('TargetBucket') ?? '', prefix: enabled.text('TargetPrefix') ?? '' } : null;
};
/** Grants and the form of the keys stay as they are: the form does not show them. */
export function loggingWith(root: Draft, logging: Logging | null) {
  if (!logging) return root.set('LoggingEnabled', []);
  root.open('LoggingEnabled').put('TargetBucket', logging.target).put('TargetPrefix', logging.prefix);
  return root;
}
export const readLogging = async (bucket: string) => parseLogging(await s3Setting(bucket, 'logging'));
export const writeLogging = (bucket: string, logging: Logging | null) => editSetting(bucket, 'logging', 'BucketLoggingStatus', [], (root) => loggingWith(root, logging));

/** The bucket policy's text as it is stored; null where there is none. */
export async function readPolicy(bucket: string): Promise<string | null> {
  try {
    return await (await s3({ method: 'GET', bucket, query: { policy: '' } })).text();
  } catch (error) {
    if (error instanceof ApiError && error.code === 'NoSuchBucketPolicy') return null;
    throw error;
  }
}
/** Replaces the policy that was read, or removes it; not one that somebody else put there since. */
export async function writePolicy(bucket: string, before: string | null, policy: string | null) {
  if ((await readPolicy(bucket)) !== before) throw new ApiError('Somebody else changed the policy meanwhile. Copy what you wrote, undo your changes, and look at what is there now.', 409);
  await putSetting(bucket, 'policy', policy);
}

export async function readObjectTags(bucket: string, key: string, versionId?: string): Promise<Tag[]> {
  return parseTags(await s3Document({ method: 'GET', bucket, key, query: { tagging: '', ...(versionId ? { versionId } : {}) } }));
}
export async function writeObjectTags(bucket: string, key: string, tags: Tag[], versionId?: string) {
  const text = draftDocument(tagsWith(new Draft('Tagging'), tags));
  await s3({ method: 'PUT', bucket, key, query: { tagging: '', ...(versionId ? { versionId } : {}) }, headers: checksumHeader(text) }, text);
}
