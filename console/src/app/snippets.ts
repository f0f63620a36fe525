/** What to paste into programs, for an endpoint and a bucket. Keys stand in as names of variables, unless they are given. */
export interface Connection {
  endpoint: string;
  region: string;
  bucket: string;
  accessKey?: string;
  secretKey?: string;
  /** Only what reads, for a key that may not write, such as a disk's. */
  isReading?: boolean;
}

const programs: [string, string][] = [['aws', 'AWS CLI'], ['boto3', 'boto3'], ['rclone', 'rclone'], ['restic', 'restic'], ['s3fs', 's3fs'], ['js', 'JavaScript'], ['java', 'Java'], ['go', 'Go']];

/** The programs, by what is asked for. Of a place that is only read no backup is made into it. */
export const programsFor = ({ isReading }: Pick<Connection, 'isReading'>) => programs.filter(([name]) => !isReading || name !== 'restic');

export function snippet(program: string, { endpoint, region, bucket, accessKey = 'ACCESS_KEY', secretKey = 'SECRET_KEY', isReading = false }: Connection): string {
  switch (program) {
    case 'aws': // not AWS_ENDPOINT_URL, which releases of before 2023 do not know
      return `export AWS_ACCESS_KEY_ID=${accessKey}\nexport AWS_SECRET_ACCESS_KEY=${secretKey}\nexport AWS_DEFAULT_REGION=${region}\naws --endpoint-url ${endpoint} s3 ls s3://${bucket}/\naws --endpoint-url ${endpoint} s3 cp ${isReading ? `s3://${bucket}/FILE .` : `FILE s3://${bucket}/`}`;
    case 'boto3':
      return `import boto3\nfrom botocore.config import Config\n\ns3 = boto3.client(\n    "s3",\n    endpoint_url="${endpoint}",\n    region_name="${region}",\n    aws_access_key_id="${accessKey}",\n    aws_secret_access_key="${secretKey}",\n    config=Config(s3={"addressing_style": "path"}),\n)\nfor item in s3.list_objects_v2(Bucket="${bucket}").get("Contents", []):\n    print(item["Key"], item["Size"])`;
    case 'rclone':
      return `# ~/.config/rclone/rclone.conf\n[tarn]\ntype = s3\nprovider = Other\nendpoint = ${endpoint}\nregion = ${region}\naccess_key_id = ${accessKey}\nsecret_access_key = ${secretKey}\nforce_path_style = true\n\n# rclone ls tarn:${bucket}`;
    case 'restic':
      return `export AWS_ACCESS_KEY_ID=${accessKey}\nexport AWS_SECRET_ACCESS_KEY=${secretKey}\nexport RESTIC_REPOSITORY=s3:${endpoint}/${bucket}/restic\nrestic -o s3.region=${region} -o s3.bucket-lookup=path init\nrestic -o s3.region=${region} -o s3.bucket-lookup=path backup FOLDER`;
    case 's3fs': // a file for each bucket, never readable by others, and nothing of another bucket overwritten
      return `mkdir -p "$HOME/${bucket}"\n(umask 077 && echo ${accessKey}:${secretKey} > "$HOME/.passwd-s3fs-${bucket}")\ns3fs ${bucket} "$HOME/${bucket}" \\\n  -o url=${endpoint} -o endpoint=${region} -o use_path_request_style \\\n  -o passwd_file="$HOME/.passwd-s3fs-${bucket}"${isReading ? ' -o ro' : ''}`;
    case 'js':
      return `import { S3Client, ListObjectsV2Command } from "@aws-sdk/client-s3";\n\nconst s3 = new S3Client({\n  endpoint: "${endpoint}",\n  region: "${region}",\n  forcePathStyle: true,\n  credentials: { accessKeyId: "${accessKey}", secretAccessKey: "${secretKey}" },\n});\nconst { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "${bucket}" }));\nfor (const { Key, Size } of Contents) console.log(Key, Size);`;
    case 'java':
      return `S3Client s3 = S3Client.builder()\n    .endpointOverride(URI.create("${endpoint}"))\n    .region(Region.of("${region}"))\n    .forcePathStyle(true)\n    .credentialsProvider(StaticCredentialsProvider.create(\n        AwsBasicCredentials.create("${accessKey}", "${secretKey}")))\n    .build();\ns3.listObjectsV2Paginator(r -> r.bucket("${bucket}")).contents()\n    .forEach(o -> System.out.println(o.key() + " " + o.size()));`;
    case 'go':
      return `client := s3.New(s3.Options{\n\tBaseEndpoint: aws.String("${endpoint}"),\n\tRegion:       "${region}",\n\tUsePathStyle: true,\n\tCredentials:  credentials.NewStaticCredentialsProvider("${accessKey}", "${secretKey}", ""),\n})\nout, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("${bucket}")})`;
    default:
      return '';
  }
}
