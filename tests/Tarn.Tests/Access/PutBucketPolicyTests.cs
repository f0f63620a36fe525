using Tarn.TestKit.Http;

namespace Tarn.Tests.Access;

/// <summary>Who may put which policy on a bucket, over HTTP: <c>a</c> owns the bucket.</summary>
public sealed class PutBucketPolicyTests : IAsyncLifetime
{
    private const string Anyone = """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""";

    private AccessHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AccessHost.StartAsync();
        await _host.OkAsync("a", "PUT bucket");
        await _host.OkAsync("a", "PUT bucket/key", "x");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_first_policy_may_come_from_any_user_of_the_owner_and_the_next_from_who_is_allowed()
    {
        const string Policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::a:user/user"},"Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]}""";
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket?policy", Policy);
        await _host.OkAsync("a.user", "PUT bucket?policy", Policy);
        await _host.OkAsync("a.user", "GET bucket/key");

        // The bucket policy cannot allow it.
        await _host.RefusedAsync("AccessDenied", "a.user", "PUT bucket?policy", Policy);
        _host.Identity.SetPolicy("a", """{"name":"s","effect":"Allow","actions":["s3:PutBucketPolicy"],"resources":["*"],"principals":["*"]}""");
        await _host.OkAsync("a.user", "PUT bucket?policy", Policy);
    }

    [Theory]
    [InlineData("\"*\"", "{}", false)]
    [InlineData("""{"AWS":"*"}""", "{}", false)]
    [InlineData("""{"AWS":"b"}""", "{}", false)]
    [InlineData("""{"AWS":["a","arn:aws:iam::b:user/user"]}""", "{}", false)]
    [InlineData("""{"CanonicalUser":"IDB"}""", "{}", false)]
    [InlineData("\"*\"", """{"IpAddress":{"aws:SourceIp":"127.0.0.1"}}""", false)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:PrincipalOrgID":["a","b"]}}""", false)]
    [InlineData("\"*\"", """{"StringEqualsIfExists":{"aws:PrincipalOrgID":"a"}}""", false)]
    [InlineData("\"*\"", """{"StringNotEquals":{"aws:PrincipalOrgID":"a"}}""", false)]
    [InlineData("\"*\"", """{"StringEquals":{"aws:PrincipalOrgID":"a"}}""", true)]
    [InlineData("""{"AWS":"a"}""", "{}", true)]
    [InlineData("""{"AWS":["arn:aws:iam::a:root","arn:aws:iam::a:user/other"]}""", "{}", true)]
    [InlineData("""{"CanonicalUser":"IDA"}""", "{}", true)]
    public async Task A_first_policy_without_permission_gives_something_to_the_organizations_own_users_only(string principal, string condition, bool own)
    {
        string policy = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{{principal}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{{condition}} }]}"""
            .Replace("IDA", TestIdentity.IdOf("a"), StringComparison.Ordinal).Replace("IDB", TestIdentity.IdOf("b"), StringComparison.Ordinal);
        if (own)
        {
            await _host.OkAsync("a.user", "PUT bucket?policy", policy);
            Assert.Equal(policy, (await _host.OkAsync("a", "GET bucket?policy")).Text);
            return;
        }

        RawS3Response refusal = await _host.RefusedAsync("AccessDenied", "a.user", "PUT bucket?policy", policy);
        Assert.Contains("s3:PutBucketPolicy", refusal.Text, StringComparison.Ordinal);
        await _host.RefusedAsync("NoSuchBucketPolicy", "a", "GET bucket?policy");
        await _host.RefusedAsync("AccessDenied", "b", "GET bucket/key");

        // Principals with permission to put policies may, and the root user always may.
        _host.Identity.SetPolicy("a", """{"name":"s","effect":"Allow","actions":["s3:PutBucketPolicy"],"resources":["*"],"principals":["user"]}""");
        await _host.OkAsync("a.user", "PUT bucket?policy", policy);
        await _host.OkAsync("a", "DELETE bucket?policy");
        await _host.OkAsync("a", "PUT bucket?policy", policy);
    }

    [Fact]
    public async Task A_first_policy_without_permission_does_not_let_its_users_publish()
    {
        const string Policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::a:user/user"},"Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]}""";
        const string Ownership = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>";
        const string Cors = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
        (string Request, string? Body, string[] Headers)[] ways =
        [
            ("PUT bucket?ownershipControls", Ownership, []),
            ("DELETE bucket?ownershipControls", null, []),
            ("PUT bucket?publicAccessBlock", "<PublicAccessBlockConfiguration/>", []),
            ("DELETE bucket?publicAccessBlock", null, []),
            ("PUT bucket?cors", Cors, [PermissionTableTests.Digest(Cors)]),
            ("DELETE bucket?cors", null, []),
            ("PUT bucket?acl", "", ["x-amz-acl: public-read"]),
            ("PUT bucket/key?acl", "", ["x-amz-acl: public-read"]),
            ("PUT bucket/key", "x", ["x-amz-acl: public-read"]),
            ("PUT bucket/copy", null, ["x-amz-copy-source: bucket/key", "x-amz-acl: public-read"]),
            ("POST bucket/key?uploads", "", ["x-amz-acl: public-read"]),
        ];
        await _host.OkAsync("a", "PUT bucket?ownershipControls", Ownership);
        await _host.OkAsync("a.user", "PUT bucket?policy", Policy);
        await _host.OkAsync("a.user", "PUT bucket/key", "x");
        await _host.OkAsync("a.user", "GET bucket/key");
        foreach ((string request, string? body, string[] headers) in ways)
        {
            await _host.RefusedAsync("AccessDenied", "a.user", request, body, headers);
        }

        // The same policy takes effect if the root user puts it.
        await _host.OkAsync("a", "PUT bucket?policy", Policy);
        foreach ((string request, string? body, string[] headers) in ways.Reverse())
        {
            if (request.StartsWith("DELETE bucket?ownership", StringComparison.Ordinal))
            {
                await _host.OkAsync("a", "PUT bucket?acl", "", "x-amz-acl: private");
            }

            await _host.OkAsync("a.user", request, body, headers);
        }
    }

    [Fact]
    public async Task A_first_policy_without_permission_does_not_take_the_place_of_one_that_comes_in_between()
    {
        await _host.OkAsync("a", "GET bucket/key");
        _host.Rows.BeforeCommit = _ => _host.PolicyAsync("bucket", Anyone);
        await _host.RefusedAsync(
            "AccessDenied", "a.user", "PUT bucket?policy",
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"a"},"Action":"s3:*","Resource":"arn:aws:s3:::bucket/*"}]}""");
        await _host.OkAsync(null, "GET bucket/key");
    }

    [Fact]
    public async Task A_policy_that_names_nobody_is_taken_with_a_warning()
    {
        string Policy(params string[] principals) =>
            $$"""{"Statement":[{"Effect":"Allow","Principal":{"AWS":[{{string.Join(',', principals.Select(name => $"\"{name}\""))}}]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"},{"Effect":"Deny","NotPrincipal":{"AWS":"a"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}]}""";
        RawS3Response put = await _host.OkAsync("a", "PUT bucket?policy", Policy("a", "arn:aws:iam::b:user/user", "arn:aws:iam::b:user/nobody", "nowhere", new string('f', 64), TestIdentity.IdOf("c")));
        Assert.Equal(
            $"The policy names principals that do not exist: arn:aws:iam::nowhere:root, arn:aws:iam::b:user/nobody, {new string('f', 64)}",
            put.Header("x-tarn-warning"));
        Assert.Null((await _host.OkAsync("a", "PUT bucket?policy", Policy("a", "arn:aws:iam::b:user/user"))).Header("x-tarn-warning"));
        string many = (await _host.OkAsync("a", "PUT bucket?policy", Policy([.. Enumerable.Range(0, 300).Select(i => $"org{i}")]))).Header("x-tarn-warning")!;
        Assert.EndsWith("org9:root and 290 more", many, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Public_policies_are_blocked_and_restricted()
    {
        await _host.OkAsync("a", "PUT bucket?publicAccessBlock", "<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>");
        await _host.RefusedAsync("AccessDenied", "a", "PUT bucket?policy", $$"""{"Version":"2012-10-17","Statement":[{{Anyone}}]}""");
        await _host.RefusedAsync("NoSuchBucketPolicy", "a", "GET bucket?policyStatus");
        await _host.OkAsync("a", "DELETE bucket?publicAccessBlock");
        await _host.PolicyAsync("bucket", Anyone);
        Assert.Contains("<IsPublic>true<", (await _host.OkAsync("a", "GET bucket?policyStatus")).Text, StringComparison.Ordinal);
        await _host.OkAsync("a", "PUT bucket?publicAccessBlock", "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/key");
        await _host.RefusedAsync("AccessDenied", "b", "GET bucket/key");
        await _host.OkAsync("a.user", "GET bucket/key");
        await _host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":{"AWS":"b"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""");
        Assert.Contains("<IsPublic>false<", (await _host.OkAsync("a", "GET bucket?policyStatus")).Text, StringComparison.Ordinal);
        await _host.OkAsync("b", "GET bucket/key");
    }
}
