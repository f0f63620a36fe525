using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

/// <summary>Policies as they are in use, after the examples of the Amazon S3 and IAM User Guides, each with what it allows and denies.</summary>
public sealed class PolicyCatalogueTests
{
    private const PolicyOutcome Allow = PolicyOutcome.Allow;
    private const PolicyOutcome Deny = PolicyOutcome.ExplicitDeny;
    private const PolicyOutcome Silent = PolicyOutcome.NoMatch;

    [Fact]
    public void A_public_website()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Statement":[{"Sid":"PublicReadGetObject","Effect":"Allow","Principal":"*","Action":["s3:GetObject"],
             "Resource":["arn:aws:s3:::bucket/*"]}]}
            """);
        Assert.True(policy.IsPublic);
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/index.html").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/a/b c/ü").By("globex", "x").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObjectVersion", "bucket/index.html").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:PutObject", "bucket/index.html").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:ListBucket", "bucket").Of(policy));
    }

    [Fact]
    public void Reading_by_another_organization()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Statement":[
              {"Sid":"Objects","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::globex:root"},"Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"arn:aws:s3:::bucket/shared/*"},
              {"Sid":"Listing","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::globex:root"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket",
               "Condition":{"StringLike":{"s3:prefix":["shared/*"]}}}]}
            """);
        Assert.False(policy.IsPublic);
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/shared/x").By("globex", "ann").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/private/x").By("globex", "ann").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/shared/x").By("acme", "alice").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/shared/x").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:ListBucket", "bucket").By("globex").With("s3:prefix", "shared/2026/").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:ListBucket", "bucket").By("globex").With("s3:prefix", "").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:ListBucket", "bucket").By("globex").Of(policy));
        Assert.Equal(new PolicyVerdict(Allow, null, "Listing", 1), policy.Evaluate(Ask.To("s3:ListBucket", "bucket").By("globex").With("s3:prefix", "shared/").Request()));
    }

    [Fact]
    public void Nothing_in_plain_text()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Id":"tls","Statement":[
              {"Sid":"Members","Effect":"Allow","Principal":{"CW":"acme"},"Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]},
              {"Sid":"RestrictToTLSRequestsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"],
               "Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}
            """);
        Assert.Equal(Allow, Ask.To("s3:PutObject", "bucket/x").By("acme", "alice").With("aws:SecureTransport", "true").Of(policy));
        Assert.Equal(Deny, Ask.To("s3:PutObject", "bucket/x").By("acme", "alice").With("aws:SecureTransport", "false").Of(policy));
        Assert.Equal(Deny, Ask.To("s3:ListBucket", "bucket").With("aws:SecureTransport", "false").Of(policy));
        PolicyVerdict verdict = policy.Evaluate(Ask.To("s3:GetObject", "bucket/x").With("aws:SecureTransport", "false").Request());
        Assert.Equal("ExplicitDeny by statement 1 \"RestrictToTLSRequestsOnly\" of policy \"tls\"", verdict.ToString());
    }

    [Fact]
    public void Only_from_our_addresses_but_for_one()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Id":"S3PolicyId1","Statement":[{"Sid":"IPAllow","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/*",
             "Condition":{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:DB8:1234:5678::/64"]},"NotIpAddress":{"aws:SourceIp":["192.0.2.188/32","2001:DB8:1234:5678:ABCD::/80"]}}}]}
            """);
        Assert.False(policy.IsPublic);
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/x").With("aws:SourceIp", "192.0.2.1").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/x").With("aws:SourceIp", "2001:db8:1234:5678::1").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").With("aws:SourceIp", "192.0.2.188").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").With("aws:SourceIp", "2001:db8:1234:5678:abcd::1").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").With("aws:SourceIp", "198.51.100.1").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").Of(policy));
    }

    [Fact]
    public void A_home_for_every_user()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Statement":[
              {"Sid":"AllowListingOfUserFolder","Effect":"Allow","Principal":{"AWS":"acme"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket",
               "Condition":{"StringLike":{"s3:prefix":["home/${aws:username}/*","home/${aws:username}"]}}},
              {"Sid":"AllowAllInUserFolder","Effect":"Allow","Principal":{"AWS":"acme"},"Action":"s3:*Object*","Resource":"arn:aws:s3:::bucket/home/${aws:username}/*"}]}
            """);
        Assert.Equal(Allow, Ask.To("s3:PutObject", "bucket/home/alice/x").By("acme", "alice").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:DeleteObjectVersion", "bucket/home/alice/x/y").By("acme", "alice").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:PutObject", "bucket/home/bob/x").By("acme", "alice").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:PutObject", "bucket/home/alicia/x").By("acme", "alice").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:PutObject", "bucket/home/alice/x").By("globex", "alice").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:PutObject", "bucket/home/alice/x").By("acme").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:ListBucket", "bucket").By("acme", "alice").With("s3:prefix", "home/alice/").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:ListBucket", "bucket").By("acme", "alice").With("s3:prefix", "home/").Of(policy));
    }

    [Fact]
    public void Access_by_tags()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:user/alice"},"Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"arn:aws:s3:::bucket/*",
               "Condition":{"StringEquals":{"s3:ExistingObjectTag/environment":"production"}}},
              {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:user/alice"},"Action":"s3:PutObjectTagging","Resource":"arn:aws:s3:::bucket/*",
               "Condition":{"ForAllValues:StringLike":{"s3:RequestObjectTagKeys":["Owner","CreationDate"]},"StringEquals":{"s3:RequestObjectTag/Owner":"${aws:username}"}}}]}
            """);
        Assert.True(policy.NeedsObjectTags(S3Action.GetObject));
        Assert.False(policy.NeedsObjectTags(S3Action.PutObjectTagging));
        Assert.False(policy.NeedsObjectTags(S3Action.ListBucket));
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/x").By("acme", "alice").With("s3:ExistingObjectTag/environment", "production").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").By("acme", "alice").With("s3:ExistingObjectTag/environment", "test").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").By("acme", "alice").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:PutObjectTagging", "bucket/x").By("acme", "alice")
            .With("s3:RequestObjectTagKeys", "Owner").With("s3:RequestObjectTag/Owner", "alice").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:PutObjectTagging", "bucket/x").By("acme", "alice")
            .With("s3:RequestObjectTagKeys", "Owner", "Secret").With("s3:RequestObjectTag/Owner", "alice").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:PutObjectTagging", "bucket/x").By("acme", "alice")
            .With("s3:RequestObjectTagKeys", "Owner").With("s3:RequestObjectTag/Owner", "bob").Of(policy));
    }

    [Fact]
    public void Copies_only_from_one_folder_and_as_they_are()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Statement":[
              {"Sid":"AllowCopy","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:user/alice"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"},
              {"Sid":"DenyOtherSources","Effect":"Deny","Principal":{"AWS":"arn:aws:iam::acme:user/alice"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*",
               "Condition":{"StringNotLike":{"s3:x-amz-copy-source":"source/public/*"}}},
              {"Sid":"DenyNewMetadata","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*",
               "Condition":{"StringEquals":{"s3:x-amz-metadata-directive":"REPLACE"}}}]}
            """);
        Assert.Equal(Allow, Ask.To("s3:PutObject", "bucket/x").By("acme", "alice").With("s3:x-amz-copy-source", "source/public/a").Of(policy));
        Assert.Equal(Deny, Ask.To("s3:PutObject", "bucket/x").By("acme", "alice").With("s3:x-amz-copy-source", "source/secret/a").Of(policy));
        Assert.Equal(Deny, Ask.To("s3:PutObject", "bucket/x").By("acme", "alice").Of(policy));
        Assert.Equal(Deny, Ask.To("s3:PutObject", "bucket/x").By("acme", "alice")
            .With("s3:x-amz-copy-source", "source/public/a").With("s3:x-amz-metadata-directive", "REPLACE").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:PutObject", "bucket/x").By("acme", "bob").Of(policy));
    }

    [Fact]
    public void Uploads_must_give_the_owner_control_and_be_encrypted()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Principal":{"AWS":"globex"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*",
               "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}},
              {"Effect":"Allow","Principal":{"AWS":"globex"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*",
               "Condition":{"StringEquals":{"s3:x-amz-grant-full-control":"id=aaaa"}}},
              {"Sid":"DenyUnencrypted","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*",
               "Condition":{"Null":{"s3:x-amz-server-side-encryption":"true"}}}]}
            """);
        Ask Put() => Ask.To("s3:PutObject", "bucket/x").By("globex", "ann").With("s3:x-amz-server-side-encryption", "AES256");
        Assert.Equal(Allow, Put().With("s3:x-amz-acl", "bucket-owner-full-control").Of(policy));
        Assert.Equal(Allow, Put().With("s3:x-amz-grant-full-control", "id=aaaa").Of(policy));
        Assert.Equal(Silent, Put().With("s3:x-amz-acl", "private").Of(policy));
        Assert.Equal(Silent, Put().Of(policy));
        Assert.Equal(Deny, Ask.To("s3:PutObject", "bucket/x").By("globex", "ann").With("s3:x-amz-acl", "bucket-owner-full-control").Of(policy));
    }

    [Theory]
    [InlineData("aws:PrincipalOrgID")]
    [InlineData("cw:PrincipalOrgID")]
    public void Reading_within_the_organization(string key)
    {
        BucketPolicy policy = People.Policy($$$"""
            {"Version":"2012-10-17","Statement":[{"Sid":"AllowGetObject","Principal":{"AWS":"*"},"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],
             "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"],"Condition":{"StringEquals":{"{{{key}}}":["acme"]} } }]}
            """);
        Assert.False(policy.IsPublic);
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/x").By("acme", "alice").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:ListBucket", "bucket").By("acme").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").By("globex").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").Of(policy));
    }

    [Fact]
    public void A_second_factor_that_nobody_here_has()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Id":"123","Statement":[
              {"Sid":"","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/taxdocuments/*","Condition":{"Null":{"aws:MultiFactorAuthAge":true}}},
              {"Sid":"","Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::bucket/*"}]}
            """);
        Assert.Equal(Deny, Ask.To("s3:GetObject", "bucket/taxdocuments/x").By("acme", "alice").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/x").By("acme", "alice").Of(policy));
    }

    [Fact]
    public void Links_from_our_pages_only()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Id":"HTTP referer policy example","Statement":[{"Sid":"Allow only GET requests originating from www.example.com","Effect":"Allow",
             "Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"arn:aws:s3:::bucket/*",
             "Condition":{"StringLike":{"aws:Referer":["http://www.example.com/*","http://example.com/*"]}}}]}
            """);
        Assert.True(policy.IsPublic);
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/x").With("aws:Referer", "http://www.example.com/page").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").With("aws:Referer", "http://evil.example/").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").Of(policy));
    }

    [Fact]
    public void Only_recent_signatures_in_headers()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"arn:aws:s3:::bucket/*","Condition":{"NumericGreaterThan":{"s3:signatureAge":"600000"}}},
              {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/private/*","Condition":{"StringNotEquals":{"s3:authType":"REST-HEADER"}}}]}
            """);
        Assert.Equal(Deny, Ask.To("s3:GetObject", "bucket/x").By("acme").With("s3:signatureAge", "600001").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").By("acme").With("s3:signatureAge", "5").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/private/x").By("acme").With("s3:authType", "REST-HEADER").Of(policy));
        Assert.Equal(Deny, Ask.To("s3:GetObject", "bucket/private/x").By("acme").With("s3:authType", "REST-QUERY-STRING").Of(policy));
        Assert.Equal(Deny, Ask.To("s3:GetObject", "bucket/private/x").Of(policy));
    }

    [Fact]
    public void All_but_some_actions_users_and_folders()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Statement":[
              {"Sid":"a","Effect":"Allow","Principal":{"AWS":"acme"},"NotAction":["s3:Delete*","s3:PutBucket*"],"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]},
              {"Sid":"b","Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::acme:user/alice","arn:aws:iam::acme:root"]},"Action":"s3:*","NotResource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/open/*"]}]}
            """);
        Assert.Equal(Allow, Ask.To("s3:PutObject", "bucket/closed/x").By("acme", "alice").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:DeleteObject", "bucket/closed/x").By("acme", "alice").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/closed/x").By("acme").Of(policy));
        Assert.Equal(Deny, Ask.To("s3:GetObject", "bucket/closed/x").By("acme", "bob").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/open/x").By("acme", "bob").Of(policy));
        Assert.Equal(Deny, Ask.To("s3:GetObject", "bucket/closed/x").Of(policy));
        Assert.Equal(Allow, Ask.To("s3:GetBucketPolicy", "bucket").By("acme", "bob").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:PutBucketPolicy", "bucket").By("acme", "bob").Of(policy));
    }

    [Fact]
    public void Until_a_day()
    {
        BucketPolicy policy = People.Policy("""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"globex"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*",
             "Condition":{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2026-02-01T00:00:00Z"}}}]}
            """);
        Assert.Equal(Allow, Ask.To("s3:GetObject", "bucket/x").By("globex").With("aws:CurrentTime", "2026-01-31T23:59:59Z").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").By("globex").With("aws:CurrentTime", "2026-02-01T00:00:00Z").Of(policy));
        Assert.Equal(Silent, Ask.To("s3:GetObject", "bucket/x").By("globex").With("aws:CurrentTime", "2025-12-31T23:59:59Z").Of(policy));
    }
}
