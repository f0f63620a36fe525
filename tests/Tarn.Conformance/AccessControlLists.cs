using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl; x-amz-acl of the calls that write.</summary>
public sealed class AccessControlLists(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string AllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";

    [Fact]
    public async Task A_new_bucket_takes_no_lists()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "k", "x");
        await RefusedAsync(400, "AccessControlListNotSupported", () => S3.PutBucketAclAsync(new PutBucketAclRequest { BucketName = bucket, ACL = S3CannedACL.PublicRead }));
        await RefusedAsync(400, "AccessControlListNotSupported", () => S3.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "k", ACL = S3CannedACL.PublicRead }));
        await RefusedAsync(
            400, "AccessControlListNotSupported",
            () => S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "y", CannedACL = S3CannedACL.PublicRead }));
        Assert.Equal("x", await ReadAsync(bucket, "k"));
        await S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "y", CannedACL = S3CannedACL.BucketOwnerFullControl });
        GetObjectAclResponse list = await S3.GetObjectAclAsync(new GetObjectAclRequest { BucketName = bucket, Key = "k" });
        S3Grant only = Assert.Single(list.Grants);
        Assert.Equal((S3Permission.FULL_CONTROL, list.Owner.Id), (only.Permission, only.Grantee.CanonicalUser));
    }

    [Theory]
    [InlineData("private", "")]
    [InlineData("public-read", "READ")]
    [InlineData("public-read-write", "READ WRITE")]
    public async Task Canned_lists_of_a_bucket(string canned, string everyone)
    {
        string bucket = await ListedBucketAsync();
        await S3.PutBucketAclAsync(new PutBucketAclRequest { BucketName = bucket, ACL = S3CannedACL.FindValue(canned) });
        GetBucketAclResponse list = await S3.GetBucketAclAsync(new GetBucketAclRequest { BucketName = bucket });
        Assert.Equal(everyone, string.Join(' ', list.Grants.Where(grant => grant.Grantee.URI == AllUsers).Select(grant => grant.Permission.Value)));
        Assert.Contains(list.Grants, grant => grant.Grantee.CanonicalUser == list.Owner.Id && grant.Permission == S3Permission.FULL_CONTROL);
        (await Raw.SendUnsignedAsync("GET", $"/{bucket}")).Expect(canned == "private" ? 403 : 200);
        (await Raw.SendUnsignedAsync("PUT", At(bucket, "k"), null, Utf8("x"))).Expect(canned == "public-read-write" ? 200 : 403);
    }

    [Fact]
    public async Task Lists_of_objects_by_canned_name_header_and_document()
    {
        string bucket = await ListedBucketAsync();
        await S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "x", CannedACL = S3CannedACL.PublicRead });
        (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).Expect(200);
        await S3.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "k", ACL = S3CannedACL.Private });
        (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).ExpectError(403, "AccessDenied");

        GetObjectAclResponse before = await S3.GetObjectAclAsync(new GetObjectAclRequest { BucketName = bucket, Key = "k" });
        await S3.PutObjectAclAsync(new PutObjectAclRequest
        {
            BucketName = bucket,
            Key = "k",
            AccessControlPolicy = new S3AccessControlList
            {
                Owner = before.Owner,
                Grants = [.. before.Grants, new S3Grant { Grantee = new S3Grantee { URI = AllUsers }, Permission = S3Permission.READ }],
            },
        });
        (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).Expect(200);
        Assert.Equal(2, (await S3.GetObjectAclAsync(new GetObjectAclRequest { BucketName = bucket, Key = "k" })).Grants.Count);

        await PutAsync(bucket, "granted", "x", ("x-amz-grant-read", $"uri=\"{AllUsers}\""));
        (await Raw.SendUnsignedAsync("GET", At(bucket, "granted"))).Expect(200);
        await S3.CopyObjectAsync(new CopyObjectRequest { SourceBucket = bucket, SourceKey = "granted", DestinationBucket = bucket, DestinationKey = "copy" });
        (await Raw.SendUnsignedAsync("GET", At(bucket, "copy"))).ExpectError(403, "AccessDenied");
    }

    [Fact]
    public async Task A_multipart_upload_may_bring_a_list()
    {
        string bucket = await ListedBucketAsync();
        string upload = await StartUploadAsync(bucket, "parts", ("x-amz-acl", "public-read"));
        string etag = await PutPartAsync(bucket, "parts", upload, 1, Utf8("x"));
        (await CompleteAsync(bucket, "parts", upload, [(1, etag)])).Expect(200);
        (await Raw.SendUnsignedAsync("GET", At(bucket, "parts"))).Expect(200);
    }

    [Fact]
    public async Task What_is_not_there_has_no_list()
    {
        string bucket = await ListedBucketAsync();
        await RefusedAsync(404, "NoSuchKey", () => S3.GetObjectAclAsync(new GetObjectAclRequest { BucketName = bucket, Key = "none" }));
        await RefusedAsync(404, "NoSuchBucket", () => S3.GetBucketAclAsync(new GetBucketAclRequest { BucketName = NewName() }));
        (await Raw.SendAsync("PUT", At(bucket, "none", "acl"), [("x-amz-acl", "private")], "")).ExpectError(404, "NoSuchKey");
        (await Raw.SendAsync("PUT", $"/{bucket}?acl", [("x-amz-acl", "everybody")], "")).ExpectError(400, "InvalidArgument");
        (await Raw.SendAsync("PUT", $"/{bucket}?acl", null, "<AccessControlPolicy/>")).ExpectError(400, "MalformedACLError");
    }

    [Fact]
    public async Task Another_organization_owns_what_it_writes_where_writers_own()
    {
        (IAmazonS3 other, string id) = await Endpoint.NewOrganizationAsync();
        using IAmazonS3 client = other;
        string bucket = await ListedBucketAsync();
        (await Raw.SendAsync("PUT", $"/{bucket}?acl", [("x-amz-grant-write", $"id={id}")], "")).Expect(200);
        await other.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "x" });
        await RefusedAsync(403, "AccessDenied", () => S3.GetObjectAsync(bucket, "k"));
        Assert.Equal(id, (await other.GetObjectAclAsync(new GetObjectAclRequest { BucketName = bucket, Key = "k" })).Owner.Id);
        await other.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "k", ACL = S3CannedACL.BucketOwnerFullControl });
        Assert.Equal("x", await ReadAsync(bucket, "k"));
        await S3.DeleteObjectAsync(bucket, "k");
    }

    /// <summary>A bucket with access control lists enabled.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("k")]
    public async Task A_list_by_header_needs_no_length(string key)
    {
        string bucket = await ListedBucketAsync();
        await PutAsync(bucket, "k", "x");
        RawResponse put = await Raw.ExchangeAsync("PUT", Raw.Head("PUT", At(bucket, key, "acl"), [("x-amz-acl", "public-read")], null).Head);
        put.Expect(200);
        (await Raw.SendUnsignedAsync("GET", At(bucket, key))).Expect(200);

        // The signed request had a body; this one does not.
        (await Raw.ExchangeAsync("PUT", Raw.Head("PUT", At(bucket, key, "acl"), [("x-amz-acl", "private")], null, payloadHash: SigV4TestSigner.Hash(Utf8("x"))).Head))
            .ExpectError(400, "XAmzContentSHA256Mismatch");
        (await Raw.SendUnsignedAsync("GET", At(bucket, key))).Expect(200);
    }

    private async Task<string> ListedBucketAsync()
    {
        string name = NewName();
        await S3.PutBucketAsync(new PutBucketRequest { BucketName = name, UseClientRegion = false, ObjectOwnership = ObjectOwnership.ObjectWriter });
        return name;
    }
}
