"""boto3 with its default signature for other endpoints than AWS, and keys of every character in everything that carries one."""

import http.client
import urllib.error
import urllib.parse

import boto3
from botocore.config import Config

from boto import bucket, client, fetch, post_form_data
from cases import BUCKET, ENDPOINT, REGION, case, content, equal, run

PRINTABLE = [chr(code) for code in range(0x20, 0x7F)] + ["\u00e9", "e\u0301", "\u2603", "\U0001f600", "\u0416"]
KEYS = [f"k{character}x" for character in PRINTABLE] + ["all" + "".join(PRINTABLE), "a//b", "a b+c%20d%2Be"]


def default():
    """A client as the documentation makes it: nothing is said of signatures."""
    return boto3.client("s3", endpoint_url=ENDPOINT, region_name=REGION, config=Config(s3={"addressing_style": "path"}))


def put_plain(url, data):
    """A PUT without a Content-Type, which urllib would add, and which Signature Version 2 covers."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("PUT", url[url.index(parts.netloc) + len(parts.netloc) :], data)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def refused(status, url, method="GET", data=None):
    try:
        fetch(url, method, data)
    except urllib.error.HTTPError as error:
        equal(error.code, status, url)
        return error.read().decode()
    raise AssertionError(f"{method} {url} was accepted")


@case
def default_urls():
    bucket()
    s3 = default()
    where = dict(Bucket=BUCKET, Key="pre signed+é//x")
    put = s3.generate_presigned_url("put_object", Params=dict(where, ContentType="text/odd"))
    assert "AWSAccessKeyId=" in put, put
    equal(fetch(put, "PUT", b"data", {"Content-Type": "text/odd"})[0], 200)
    get = s3.generate_presigned_url("get_object", Params=dict(where, ResponseContentDisposition='attachment; filename="a&b.txt"'))
    status, body, headers = fetch(get)
    equal((status, body, headers["Content-Disposition"]), (200, b"data", 'attachment; filename="a&b.txt"'))
    equal(fetch(s3.generate_presigned_url("head_object", Params=where), "HEAD")[0], 200)
    refused(403, get.replace("Signature=", "Signature=A"))
    refused(403, get + "&versionId=null")
    refused(400, get + "&attributes")
    refused(400, s3.generate_presigned_url("get_object", Params=where, ExpiresIn=8 * 86400))
    tagged = s3.generate_presigned_url("put_object", Params=dict(where, Metadata={"a": "b"}))
    assert "Signature Version 4" in refused(400, tagged, "PUT", b"x")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]
    part = s3.generate_presigned_url("upload_part", Params=dict(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=1))
    etag = put_plain(part, b"part").headers["ETag"]
    s3.complete_multipart_upload(Bucket=BUCKET, Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    equal(fetch(s3.generate_presigned_url("get_object", Params=dict(Bucket=BUCKET, Key="parts")))[1], b"part")
    equal(fetch(s3.generate_presigned_url("delete_object", Params=where), "DELETE")[0], 204)


@case
def default_posts():
    bucket()
    s3 = default()
    form = s3.generate_presigned_post(
        BUCKET, "forms/a+b é", Fields={"x-amz-meta-a": "b"}, Conditions=[{"x-amz-meta-a": "b"}, ["content-length-range", 1, 100]]
    )
    assert "AWSAccessKeyId" in form["fields"], form
    equal(post_form_data(form, b"from a form", "f")[0], 204)
    got = s3.get_object(Bucket=BUCKET, Key="forms/a+b é")
    equal((got["Body"].read(), got["Metadata"]), (b"from a form", {"a": "b"}))
    for change in ({"signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}, {"key": "other"}, {"acl": "public-read"}):
        changed = dict(form, fields=dict(form["fields"], **change))
        equal(post_form_data(changed, b"x", "f")[0], 403, change)


@case
def version_4_urls():
    bucket()
    s3 = client()
    where = dict(Bucket=BUCKET, Key="k")
    put = s3.generate_presigned_url("put_object", Params=dict(where, Metadata={"a": "b"}))
    equal(fetch(put, "PUT", b"data", {"x-amz-meta-a": "b"})[0], 200)
    refused(403, put, "PUT", b"data")


@case
def every_character():
    s3 = bucket()
    copies = ["copy of " + key for key in KEYS]
    for number, key in enumerate(KEYS):
        s3.put_object(Bucket=BUCKET, Key=key, Body=content(20, number))
    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    equal(listed, sorted(KEYS, key=lambda key: key.encode()), "keys")
    for number, key in enumerate(KEYS):
        source = {"Bucket": BUCKET, "Key": key}
        equal(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read(), content(20, number), key)
        s3.copy_object(Bucket=BUCKET, Key="copy of " + key, CopySource=source)
        equal(s3.get_object(Bucket=BUCKET, Key="copy of " + key)["Body"].read(), content(20, number), key)
    everything = KEYS[-3:] + ["k+x", "k x", "k%x", "k?x", "k&x", "k=x"]
    for key in everything:
        upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts of " + key)["UploadId"]
        etag = s3.upload_part_copy(
            Bucket=BUCKET, Key="parts of " + key, UploadId=upload, PartNumber=1, CopySource={"Bucket": BUCKET, "Key": key}
        )["CopyPartResult"]["ETag"]
        s3.complete_multipart_upload(
            Bucket=BUCKET, Key="parts of " + key, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
        )
        equal(s3.get_object(Bucket=BUCKET, Key="parts of " + key)["Body"].read(), content(20, KEYS.index(key)), key)
    for signer in (s3, default()):
        for number, key in enumerate(KEYS):
            where = dict(Bucket=BUCKET, Key=key)
            equal(fetch(signer.generate_presigned_url("get_object", Params=where))[1], content(20, number), key)
        for key in everything:
            equal(put_plain(signer.generate_presigned_url("put_object", Params=dict(Bucket=BUCKET, Key="url " + key)), b"u").status, 200, key)
            equal(s3.get_object(Bucket=BUCKET, Key="url " + key)["Body"].read(), b"u", key)
            equal(post_form_data(signer.generate_presigned_post(BUCKET, "form " + key), key.encode(), "f")[0], 204, key)
            equal(s3.get_object(Bucket=BUCKET, Key="form " + key)["Body"].read(), key.encode(), key)
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in KEYS + copies]})
    equal(sorted(entry["Key"] for entry in answer["Deleted"]), sorted(KEYS + copies))
    left = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    equal([key for key in left if not key.startswith(("parts of ", "url ", "form "))], [])


if __name__ == "__main__":
    run()
