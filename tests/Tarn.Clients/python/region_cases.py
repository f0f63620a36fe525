"""boto3 that is told no region, or another one than the server's."""

import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cases import BUCKET, ENDPOINT, REGION, case, content, equal, run


def client(region, **config):
    return boto3.client(
        "s3", endpoint_url=ENDPOINT, region_name=region, config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, **config)
    )


def use(s3):
    """Requests for which clients follow the region of the bucket on their own."""
    s3.head_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="k", Body=content(1000))
    equal(s3.get_object(Bucket=BUCKET, Key="k")["Body"].read(), content(1000))
    equal([entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]], ["k"])


@case
def the_servers_region():
    s3 = client(REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    equal(s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"], REGION)
    use(s3)


@case
def no_region():
    client(REGION).create_bucket(Bucket=BUCKET)
    del os.environ["AWS_DEFAULT_REGION"], os.environ["AWS_REGION"]
    use(client(None, signature_version="s3v4"))
    use(boto3.client("s3", endpoint_url=ENDPOINT))


@case
def another_region():
    client(REGION).create_bucket(Bucket=BUCKET)
    other = client("ap-south-1")
    equal(BUCKET in [entry["Name"] for entry in other.list_buckets()["Buckets"]], True)
    equal(other.get_bucket_location(Bucket=BUCKET)["LocationConstraint"], REGION)
    use(client("ap-south-1"))
    presigned = client("ap-south-1", signature_version="s3v4")
    use(presigned)
    try:
        client("ap-south-1").create_bucket(Bucket=BUCKET + "-2", CreateBucketConfiguration={"LocationConstraint": "ap-south-1"})
    except ClientError as error:
        # A bucket that does not exist has no region that a client could learn.
        equal(error.response["Error"]["Code"] in ("AuthorizationHeaderMalformed", "InvalidLocationConstraint"), True, error.response["Error"]["Code"])
    else:
        raise AssertionError("a bucket was made in a region that does not exist")


run()
