"""Puts and gets an object with the credentials that boto3 finds by itself, and prints whose they are."""

import json
import os
import pathlib
import urllib.request

import boto3
from botocore.config import Config

S3, STS = os.environ["AWS_ENDPOINT_URL_S3"], os.environ["AWS_ENDPOINT_URL_STS"]
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"


def tell_old_boto3():
    """Where the services are, for one that takes neither that nor the file of a container's token from the environment: its providers are as they are."""
    rules = pathlib.Path.home() / ".aws/models/sts/2011-06-15/endpoint-rule-set-1.json"
    rules.parent.mkdir(parents=True)
    rules.write_text(json.dumps({
        "version": "1.0",
        "parameters": {"Region": {"builtIn": "AWS::Region", "required": False, "documentation": "", "type": "String"}},
        "rules": [{"conditions": [], "endpoint": {"url": STS, "properties": {}, "headers": {}}, "type": "endpoint"}],
    }))
    if TOKEN_FILE in os.environ:
        os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = pathlib.Path(os.environ[TOKEN_FILE]).read_text()
    return {"endpoint_url": S3}


def client(**config):
    return boto3.client("s3", config=Config(s3={"addressing_style": "path"}, **config), **KNOWN)


KNOWN = tell_old_boto3() if tuple(int(part) for part in boto3.__version__.split(".")[:2]) < (1, 28) else {}
s3 = client(retries={"max_attempts": 1})
s3.put_object(Bucket=os.environ["S3_BUCKET"], Key="boto3", Body=b"of boto3")
assert s3.get_object(Bucket=os.environ["S3_BUCKET"], Key="boto3")["Body"].read() == b"of boto3"

# Presigned by default with Signature Version 2, as boto3 still does for some regions, and with Version 4.
for version in (None, "s3v4"):
    url = client(signature_version=version).generate_presigned_url("get_object", Params={"Bucket": os.environ["S3_BUCKET"], "Key": "boto3"})
    assert "x-amz-security-token=" in url.lower(), url
    assert urllib.request.urlopen(url).read() == b"of boto3"

print(boto3.client("sts").get_caller_identity()["Arn"])
