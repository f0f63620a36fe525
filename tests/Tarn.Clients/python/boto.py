"""What the scripts over boto3 share: clients, and requests without boto3."""

import ssl
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

from cases import BUCKET, ENDPOINT, REGION

MIB = 1024 * 1024


def client(**config):
    settings = dict(s3={"addressing_style": "path"}, signature_version="s3v4", retries={"max_attempts": 1})
    settings.update(config)
    return boto3.client("s3", endpoint_url=ENDPOINT, region_name=REGION, config=Config(**settings))


def bucket():
    s3 = client()
    s3.create_bucket(Bucket=BUCKET)
    return s3


def fetch(url, method="GET", data=None, headers=None):
    import os

    authority = os.environ.get("AWS_CA_BUNDLE")
    context = ssl.create_default_context(cafile=authority) if authority else None
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    with urllib.request.urlopen(request, context=context) as answer:
        return answer.status, answer.read(), answer.headers


def post_form_data(form, file, name):
    """A form as a browser sends it; the answer's status, body and headers, a refusal's too."""
    boundary = "----boto3FormBoundary"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in form["fields"].items()
    ]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode())
    body = b"".join(parts) + file + f"\r\n--{boundary}--\r\n".encode()
    try:
        return fetch(form["url"], "POST", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers
