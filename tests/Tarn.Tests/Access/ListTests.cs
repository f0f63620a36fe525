using Tarn.Core.Model;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Access;

/// <summary>Access control lists and object ownership over HTTP: <c>a</c> owns the bucket, <c>b</c> is another organization.</summary>
public sealed class ListTests : IAsyncLifetime
{
    private AccessHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await AccessHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_enforced_bucket_takes_no_list_but_the_one_that_says_so()
    {
        await _host.OkAsync("a", "PUT plain");
        await _host.OkAsync("a", "PUT plain/k", "x", "x-amz-acl: bucket-owner-full-control");
        await _host.OkAsync("a", "PUT plain/k", "x", "x-amz-acl: private");
        await _host.RefusedAsync("AccessControlListNotSupported", "a", "PUT plain/k", "x", "x-amz-acl: public-read");
        await _host.RefusedAsync("AccessControlListNotSupported", "a", "PUT plain/k", "x", $"x-amz-grant-read: id={TestIdentity.IdOf("b")}");
        await _host.OkAsync("a", "PUT plain/k", "x", $"x-amz-grant-full-control: id={TestIdentity.IdOf("a")}");
        await _host.RefusedAsync("AccessControlListNotSupported", "a", "PUT plain?acl", "", "x-amz-acl: public-read");
        await _host.RefusedAsync("AccessControlListNotSupported", "a", "PUT plain/k?acl", "", "x-amz-acl: private");
        await _host.RefusedAsync("AccessControlListNotSupported", "a", "POST plain/k?uploads", "", "x-amz-acl: public-read");
        await _host.OkAsync("a", "PUT plain/k?acl", "", "x-amz-acl: bucket-owner-full-control");
        await _host.OkAsync("a", "PUT plain?acl", Document("a", ("a", "FULL_CONTROL")));
        Assert.Contains("BucketOwnerEnforced", (await _host.OkAsync("a", "GET plain?ownershipControls")).Text, StringComparison.Ordinal);
        Assert.Equal([$"{TestIdentity.IdOf("a")} FULL_CONTROL"], Grants(await _host.OkAsync("a", "GET plain?acl")));
        Assert.Equal([$"{TestIdentity.IdOf("a")} FULL_CONTROL"], Grants(await _host.OkAsync("a", "GET plain/k?acl")));
        await _host.RefusedAsync("InvalidBucketAclWithObjectOwnership", "a", "PUT other", "", "x-amz-acl: public-read");
    }

    [Fact]
    public async Task Lists_let_in_whom_they_name()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter);
        await _host.OkAsync("a", "PUT acl/k", "x");
        await _host.RefusedAsync("AccessDenied", null, "GET acl/k");
        await _host.RefusedAsync("AccessDenied", "b", "GET acl/k");

        await _host.OkAsync("a", "PUT acl/k?acl", "", "x-amz-acl: authenticated-read");
        await _host.RefusedAsync("AccessDenied", null, "GET acl/k");
        await _host.OkAsync("b.user", "GET acl/k");
        await _host.RefusedAsync("AccessDenied", "b", "GET acl/k?acl");
        await _host.RefusedAsync("AccessDenied", "b", "GET acl");

        await _host.OkAsync("a", "PUT acl/k?acl", "", "x-amz-acl: public-read");
        await _host.OkAsync(null, "GET acl/k");
        await _host.OkAsync(null, "GET acl/k?attributes", null, "x-amz-object-attributes: ETag");
        await _host.RefusedAsync("AccessDenied", null, "PUT acl/k", "y");

        await _host.OkAsync("a", "PUT acl/k?acl", "", $"x-amz-grant-read-acp: id=\"{TestIdentity.IdOf("b")}\", emailAddress=\"b@example.com\"");
        await _host.OkAsync("b", "GET acl/k?acl");
        await _host.RefusedAsync("AccessDenied", "b", "GET acl/k");
        await _host.RefusedAsync("AccessDenied", "c", "GET acl/k?acl");

        await _host.OkAsync("a", "PUT acl/k?acl", Document("a", ("b", "WRITE_ACP")));
        await _host.OkAsync("b", "PUT acl/k?acl", Document("a", ("b", "FULL_CONTROL")));
        await _host.OkAsync("b", "GET acl/k");
    }

    [Fact]
    public async Task Users_of_the_bucket_owner_get_nothing_by_the_line_for_the_owner()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter);
        await _host.OkAsync("a", "PUT acl/k", "x");
        await _host.RefusedAsync("AccessDenied", "a.user", "GET acl/k");
        await _host.RefusedAsync("AccessDenied", "a.user", "GET acl");
        await _host.OkAsync("a", "PUT acl/k?acl", "", "x-amz-acl: authenticated-read");
        await _host.OkAsync("a.user", "GET acl/k");
    }

    [Fact]
    public async Task The_bucket_list_lets_list_and_write()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter, "x-amz-acl: public-read-write");
        await _host.OkAsync(null, "PUT acl/k", "x");
        await _host.OkAsync(null, "GET acl?list-type=2");
        await _host.OkAsync(null, "GET acl?uploads");
        await _host.RefusedAsync("AccessDenied", null, "GET acl?acl");
        await _host.RefusedAsync("AccessDenied", null, "GET acl?location");
        Assert.Contains(
            "<ID>65a011a29cdf8ec533ec3d1ccaae921c</ID>", (await _host.OkAsync("a", "GET acl?versions")).Text, StringComparison.Ordinal);
        await _host.OkAsync(null, "PUT acl/k", "y", "x-amz-acl: public-read");
        await _host.OkAsync("b", "GET acl/k");
        await _host.RefusedAsync("AccessDenied", null, "PUT acl/k", "y", "x-amz-tagging: a=b");
        await _host.OkAsync(null, "DELETE acl/k");
        await _host.OkAsync("a", "PUT acl?acl", "", "x-amz-acl: private");
        await _host.RefusedAsync("AccessDenied", null, "PUT acl/k", "x");
        await _host.RefusedAsync("AccessDenied", null, "GET acl?list-type=2");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Enabled")]
    [InlineData("Suspended")]
    public async Task Who_may_write_by_the_bucket_list_may_not_touch_what_another_owns(string versioning)
    {
        await BucketAsync(ObjectOwnership.ObjectWriter, "x-amz-acl: public-read-write");
        if (versioning.Length > 0)
        {
            await _host.OkAsync("a", "PUT acl?versioning", $"<VersioningConfiguration><Status>{versioning}</Status></VersioningConfiguration>");
        }

        await _host.OkAsync("a", "PUT acl/of-a", "x", "x-amz-acl: public-read");
        await _host.OkAsync("c", "PUT acl/of-c", "x", "x-amz-acl: public-read");
        foreach (string? who in new[] { null, "b", "b.user", "a.user" })
        {
            await _host.RefusedAsync("AccessDenied", who, "PUT acl/of-a", "y");
            await _host.RefusedAsync("AccessDenied", who, "PUT acl/of-c", "y");
            await _host.RefusedAsync("AccessDenied", who, "DELETE acl/of-a");
            await _host.RefusedAsync("AccessDenied", who, "DELETE acl/of-c");
            await _host.RefusedAsync("AccessDenied", who, "PUT acl/of-a", null, "x-amz-copy-source: acl/of-c");
            const string Keys = "<Delete><Object><Key>of-a</Key></Object><Object><Key>none</Key></Object></Delete>";
            string deleted = (await _host.OkAsync(who, "POST acl?delete", Keys, PermissionTableTests.Digest(Keys))).Text;
            Assert.Contains("<Error><Key>of-a</Key><Code>AccessDenied</Code>", deleted, StringComparison.Ordinal);
            Assert.Contains("<Deleted><Key>none</Key>", deleted, StringComparison.Ordinal);
        }

        // The object's owner may through the list, the bucket's owner always.
        await _host.OkAsync("c.user", "PUT acl/of-c", "z");
        await _host.OkAsync("c", "DELETE acl/of-c");
        await _host.OkAsync("b", "PUT acl/of-b", "x");
        await _host.OkAsync("a", "PUT acl/of-b", "y");
        await _host.OkAsync("a", "DELETE acl/of-b");
        await _host.OkAsync("b", "PUT acl/of-b", "again");
    }

    [Fact]
    public async Task A_null_version_of_another_is_not_written_over_either()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter, "x-amz-acl: public-read-write");
        await _host.OkAsync("a", "PUT acl/k", "of a");
        await _host.OkAsync("a", "PUT acl?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        await _host.OkAsync("a", "DELETE acl/k");
        await _host.OkAsync("b", "PUT acl/k", "of b");
        await _host.OkAsync("a", "PUT acl?versioning", "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
        await _host.RefusedAsync("AccessDenied", "b", "PUT acl/k", "y");
        await _host.RefusedAsync("AccessDenied", "b", "DELETE acl/k");
        Assert.Equal("of a", (await _host.OkAsync("a", "GET acl/k?versionId=null")).Text);
    }

    [Fact]
    public async Task What_comes_in_between_is_not_written_over()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter, $"x-amz-grant-write: id={TestIdentity.IdOf("b")}");
        await _host.OkAsync("a", "PUT acl/warm", "x");
        _host.Rows.BeforeCommit = _ => _host.OkAsync("a", "PUT acl/k", "of a");
        await _host.RefusedAsync("AccessDenied", "b", "PUT acl/k", "of b");
        Assert.Equal("of a", (await _host.OkAsync("a", "GET acl/k")).Text);
    }

    [Fact]
    public async Task Who_may_write_by_the_bucket_list_has_only_its_own_uploads()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter, "x-amz-acl: public-read-write");
        string ofA = Upload(await _host.OkAsync("a", "POST acl/k?uploads", ""));
        string ofB = Upload(await _host.OkAsync("b.user", "POST acl/k?uploads", ""));
        foreach (string who in new[] { "b", "b.user", "a.user" })
        {
            await _host.RefusedAsync("AccessDenied", who, $"PUT acl/k?partNumber=1&uploadId={ofA}", "x");
            await _host.RefusedAsync("AccessDenied", who, $"GET acl/k?uploadId={ofA}");
            await _host.RefusedAsync("AccessDenied", who, $"DELETE acl/k?uploadId={ofA}");
            await _host.RefusedAsync("AccessDenied", who, $"POST acl/k?uploadId={ofA}", "<CompleteMultipartUpload/>");
        }

        await _host.OkAsync("b.user", $"PUT acl/k?partNumber=1&uploadId={ofB}", "x");
        await _host.OkAsync("b", $"GET acl/k?uploadId={ofB}");
        await _host.RefusedAsync("AccessDenied", "c", $"GET acl/k?uploadId={ofB}");
        await _host.OkAsync("a", $"GET acl/k?uploadId={ofB}");
        await _host.OkAsync("b.user", $"DELETE acl/k?uploadId={ofB}");
        await _host.OkAsync("a", $"DELETE acl/k?uploadId={ofA}");
        await _host.RefusedAsync("NoSuchUpload", "b", $"PUT acl/k?partNumber=1&uploadId={ofB}", "x");
    }

    [Fact]
    public async Task Whoever_began_an_upload_may_list_and_abort_it_unless_denied()
    {
        await _host.OkAsync("a", "PUT plain");
        const string Put = """{"Effect":"Allow","Principal":{"AWS":["b","arn:aws:iam::a:user/user"]},"Action":"s3:PutObject","Resource":"arn:aws:s3:::plain/*"}""";
        await _host.PolicyAsync("plain", Put);
        string id = Upload(await _host.OkAsync("b.user", "POST plain/k?uploads", ""));
        string own = Upload(await _host.OkAsync("a.user", "POST plain/k?uploads", ""));
        await _host.OkAsync("b.user", $"GET plain/k?uploadId={id}");
        await _host.RefusedAsync("AccessDenied", "c", $"GET plain/k?uploadId={id}");
        await _host.RefusedAsync("AccessDenied", "a.user", $"DELETE plain/k?uploadId={own}");
        await _host.PolicyAsync("plain", Put, """{"Effect":"Deny","Principal":"*","Action":"s3:AbortMultipartUpload","Resource":"arn:aws:s3:::plain/*"}""");
        await _host.RefusedAsync("AccessDenied", "b.user", $"DELETE plain/k?uploadId={id}");
        await _host.OkAsync("a", "DELETE plain?policy");
        await _host.OkAsync("b.user", $"DELETE plain/k?uploadId={id}");
    }

    [Fact]
    public async Task The_owner_of_an_object_decides_about_it()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter, $"x-amz-grant-write: id={TestIdentity.IdOf("b")}, id={TestIdentity.IdOf("a")}");
        await _host.PolicyAsync("acl", """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acl/*"}""");
        await _host.OkAsync("a", "PUT acl/of-a", "x");
        await _host.OkAsync("b", "PUT acl/of-b", "x");
        await _host.OkAsync(null, "GET acl/of-a");
        await _host.RefusedAsync("AccessDenied", null, "GET acl/of-b");
        await _host.RefusedAsync("AccessDenied", "a", "GET acl/of-b");
        await _host.RefusedAsync("AccessDenied", "a", "GET acl/of-b?tagging");
        await _host.OkAsync("b", "GET acl/of-b");
        await _host.OkAsync("b.user", "GET acl/of-b");
        await _host.RefusedAsync("AccessDenied", "b", "PUT acl/of-a?acl", "", "x-amz-acl: private");
        await _host.OkAsync("b", "PUT acl/of-b?acl", "", "x-amz-acl: bucket-owner-read");
        await _host.OkAsync("a", "GET acl/of-b");
        await _host.RefusedAsync("AccessDenied", "a", "GET acl/of-b?acl");
        await _host.OkAsync("a", "DELETE acl/of-b");
    }

    [Fact]
    public async Task A_bucket_that_prefers_its_owner_gives_it_what_is_sent_with_full_control()
    {
        await BucketAsync(ObjectOwnership.BucketOwnerPreferred, $"x-amz-grant-write: id={TestIdentity.IdOf("b")}");
        await _host.OkAsync("b", "PUT acl/given", "x", "x-amz-acl: bucket-owner-full-control");
        await _host.OkAsync("b", "PUT acl/kept", "x");
        Assert.Contains(TestIdentity.IdOf("a"), (await _host.OkAsync("a", "GET acl/given?acl")).Text, StringComparison.Ordinal);
        await _host.RefusedAsync("AccessDenied", "b", "GET acl/given");
        await _host.RefusedAsync("AccessDenied", "a", "GET acl/kept");
        Assert.Equal([$"{TestIdentity.IdOf("b")} FULL_CONTROL"], Grants(await _host.OkAsync("b", "GET acl/kept?acl")));
    }

    [Fact]
    public async Task A_multipart_upload_keeps_its_list_until_it_is_an_object()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter);
        RawS3Response begun = await _host.OkAsync("a", "POST acl/k?uploads", "", "x-amz-acl: public-read");
        string id = begun.Xml.Elements().Single(e => e.Name.LocalName == "UploadId").Value;
        string? etag = (await _host.OkAsync("a", $"PUT acl/k?partNumber=1&uploadId={id}", "x")).Header("ETag");
        await _host.OkAsync("a", $"POST acl/k?uploadId={id}", $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>");
        await _host.OkAsync(null, "GET acl/k");

        // A copy has its own list, not its source's.
        await _host.OkAsync("a", "PUT acl/copy", null, "x-amz-copy-source: acl/k");
        await _host.RefusedAsync("AccessDenied", null, "GET acl/copy");
        await _host.OkAsync("a", "PUT acl/copy", null, "x-amz-copy-source: acl/k", "x-amz-acl: public-read");
        await _host.OkAsync(null, "GET acl/copy");
    }

    [Fact]
    public async Task Each_version_has_its_own_list()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter);
        await _host.OkAsync("a", "PUT acl?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        string? first = (await _host.OkAsync("a", "PUT acl/k", "1")).Header("x-amz-version-id");
        await _host.OkAsync("a", "PUT acl/k", "2");
        await _host.OkAsync("a", $"PUT acl/k?acl&versionId={first}", "", "x-amz-acl: public-read");
        await _host.OkAsync(null, $"GET acl/k?versionId={first}");
        await _host.RefusedAsync("AccessDenied", null, "GET acl/k");
        Assert.Equal(2, Grants(await _host.OkAsync("a", $"GET acl/k?acl&versionId={first}")).Length);
        Assert.Single(Grants(await _host.OkAsync("a", "GET acl/k?acl")));
    }

    [Fact]
    public async Task Lists_that_make_no_sense_are_refused_and_change_nothing()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter);
        await _host.OkAsync("a", "PUT acl/k", "x", "x-amz-acl: public-read");
        await _host.RefusedAsync("InvalidArgument", "a", "PUT acl/k?acl", "", "x-amz-acl: everybody");
        await _host.RefusedAsync("InvalidArgument", "a", "PUT acl/k?acl", "", "x-amz-acl: log-delivery-write");
        await _host.RefusedAsync("InvalidRequest", "a", "PUT acl/k?acl", "", "x-amz-acl: private", $"x-amz-grant-read: id={TestIdentity.IdOf("b")}");
        await _host.RefusedAsync("InvalidArgument", "a", "PUT acl/k?acl", "", "x-amz-grant-read: id=nobody");
        await _host.RefusedAsync("InvalidArgument", "a", "PUT acl/k?acl", "", "x-amz-grant-read: bob");
        await _host.RefusedAsync("InvalidArgument", "a", "PUT acl/k?acl", "", "x-amz-grant-read: uri=http://example.com/group");
        await _host.RefusedAsync("UnresolvableGrantByEmailAddress", "a", "PUT acl/k?acl", "", "x-amz-grant-read: emailAddress=nobody@example.com");
        await _host.RefusedAsync("AmbiguousGrantByEmailAddress", "a", "PUT acl/k?acl", "", "x-amz-grant-read: emailAddress=both@example.com");
        await _host.RefusedAsync("MissingSecurityHeader", "a", "PUT acl/k?acl", "");
        await _host.RefusedAsync("UnexpectedContent", "a", "PUT acl/k?acl", Document("a"), "x-amz-acl: private");
        await _host.RefusedAsync("MalformedACLError", "a", "PUT acl/k?acl", "<AccessControlPolicy/>");
        await _host.RefusedAsync("MalformedACLError", "a", "PUT acl/k?acl", "not xml");
        await _host.RefusedAsync("MalformedACLError", "a", "PUT acl/k?acl", Document("a", ("b", "ALL")));
        await _host.RefusedAsync("MalformedACLError", "a", "PUT acl/k?acl", Document("a", [.. Enumerable.Repeat(("b", "READ"), 101)]));
        await _host.RefusedAsync("AccessDenied", "a", "PUT acl/k?acl", Document("b"));
        await _host.RefusedAsync("NoSuchKey", "a", "PUT acl/none?acl", "", "x-amz-acl: private");
        await _host.OkAsync(null, "GET acl/k");
        await _host.OkAsync("a", "PUT acl/k?acl", Document("a", [.. Enumerable.Repeat(("b", "READ"), 100)]));
        Assert.Equal(100, Grants(await _host.OkAsync("a", "GET acl/k?acl")).Length);
        await _host.OkAsync("a", "PUT acl/k?acl", Document("a"));
        Assert.Empty(Grants(await _host.OkAsync("a", "GET acl/k?acl")));
    }

    [Fact]
    public async Task Ownership_is_set_read_and_deleted()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter, "x-amz-acl: public-read");
        await _host.RefusedAsync("InvalidBucketAclWithObjectOwnership", "a", "PUT acl?ownershipControls", Ownership("BucketOwnerEnforced"));
        await _host.RefusedAsync("MalformedXML", "a", "PUT acl?ownershipControls", Ownership("Nobody"));
        await _host.RefusedAsync("MalformedXML", "a", "PUT acl?ownershipControls", "<OwnershipControls/>");
        await _host.OkAsync("a", "PUT acl/k", "x", "x-amz-acl: public-read");
        await _host.OkAsync("a", "PUT acl?acl", "", "x-amz-acl: private");
        await _host.OkAsync("a", "PUT acl?ownershipControls", Ownership("BucketOwnerEnforced"));
        await _host.RefusedAsync("AccessDenied", null, "GET acl/k");
        await _host.OkAsync("a", "PUT acl?ownershipControls", Ownership("BucketOwnerPreferred"));
        await _host.OkAsync(null, "GET acl/k");
        await _host.OkAsync("a", "DELETE acl?ownershipControls");
        await _host.RefusedAsync("AccessDenied", null, "GET acl/k");
        await _host.RefusedAsync("OwnershipControlsNotFoundError", "a", "GET acl?ownershipControls");
        await _host.OkAsync("a", "DELETE acl?ownershipControls");
        await _host.RefusedAsync("InvalidArgument", "a", "PUT other", "", "x-amz-object-ownership: Nobody");
    }

    [Fact]
    public async Task Public_lists_are_blocked_and_ignored()
    {
        await BucketAsync(ObjectOwnership.ObjectWriter);
        await _host.RefusedAsync("NoSuchPublicAccessBlockConfiguration", "a", "GET acl?publicAccessBlock");
        await _host.OkAsync("a", "PUT acl/k", "x", "x-amz-acl: public-read");
        await _host.OkAsync("a", "PUT acl?acl", "", "x-amz-acl: public-read");
        await _host.OkAsync("a", "PUT acl?publicAccessBlock", Block("BlockPublicAcls"));
        await _host.OkAsync(null, "GET acl/k");
        await _host.RefusedAsync("AccessDenied", "a", "PUT acl/k", "x", "x-amz-acl: public-read");
        await _host.RefusedAsync("AccessDenied", "a", "PUT acl/k?acl", "", "x-amz-acl: authenticated-read");
        await _host.RefusedAsync("AccessDenied", "a", "PUT acl?acl", "", "x-amz-grant-write: uri=http://acs.amazonaws.com/groups/global/AllUsers");
        await _host.OkAsync("a", "PUT acl/other", "x", "x-amz-acl: bucket-owner-read");
        await _host.OkAsync("a", "PUT acl?publicAccessBlock", Block("IgnorePublicAcls"));
        await _host.RefusedAsync("AccessDenied", null, "GET acl/k");
        await _host.RefusedAsync("AccessDenied", "b", "GET acl");
        await _host.OkAsync("a", "PUT acl/new", "x", "x-amz-acl: public-read");
        Assert.Contains("<IgnorePublicAcls>true<", (await _host.OkAsync("a", "GET acl?publicAccessBlock")).Text, StringComparison.Ordinal);
        await _host.OkAsync("a", "DELETE acl?publicAccessBlock");
        await _host.OkAsync(null, "GET acl/new");
        await _host.OkAsync(null, "GET acl");
        await _host.RefusedAsync("MalformedXML", "a", "PUT acl?publicAccessBlock", Block("BlockEverything"));
    }

    private Task BucketAsync(ObjectOwnership ownership, params string[] headers) =>
        _host.OkAsync("a", "PUT acl", "", [$"x-amz-object-ownership: {ownership}", .. headers]);

    private static string Ownership(string name) =>
        $"<OwnershipControls xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ObjectOwnership>{name}</ObjectOwnership></Rule></OwnershipControls>";

    private static string Block(string name) => $"<PublicAccessBlockConfiguration><{name}>true</{name}></PublicAccessBlockConfiguration>";

    private static string Document(string owner, params (string Organization, string Permission)[] grants) =>
        $"<AccessControlPolicy><Owner><ID>{TestIdentity.IdOf(owner)}</ID></Owner><AccessControlList>{string.Concat(grants.Select(grant => $"<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>{TestIdentity.IdOf(grant.Organization)}</ID></Grantee><Permission>{grant.Permission}</Permission></Grant>"))}</AccessControlList></AccessControlPolicy>";

    private static string Upload(RawS3Response begun) => begun.Xml.Elements().Single(e => e.Name.LocalName == "UploadId").Value;

    private static string[] Grants(RawS3Response answer) =>
    [
        .. answer.Xml.Descendants().Where(e => e.Name.LocalName == "Grant").Select(grant =>
            string.Join(' ', grant.Descendants().Where(e => e.Name.LocalName is "ID" or "URI" or "Permission").Select(e => e.Value))),
    ];
}
