using System.Text;
using Tarn.Core.Access;
using Tarn.Core.Applications;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Policy.Documents;
using Tarn.TestKit.Stores;
using Tarn.Tests.Identity;

namespace Tarn.Tests.Applications;

public sealed class ApplicationsTests
{
    private readonly IdentityFixture _fixture = new();
    private readonly BucketCatalog _buckets;
    private readonly Core.Applications.Applications _applications;

    public ApplicationsTests()
    {
        _buckets = new BucketCatalog(_fixture.Hooks, _fixture.Clock, new SeededRandomSource(3));
        _applications = new Core.Applications.Applications(_fixture.Store, _buckets);
    }

    private static CancellationToken Token => IdentityFixture.Token;

    [Fact]
    public async Task An_application_is_a_bucket_a_user_a_key_and_the_policy_that_joins_them()
    {
        Organization acme = await _fixture.OrganizationAsync("acme");
        int before = _fixture.Hooks.Commits;
        NewApplication made = await CreateAsync("photos", "acme-photos");
        Assert.Equal(before + 1, _fixture.Hooks.Commits);
        Bucket bucket = (await _buckets.FindAsync(BucketName.FromStorage("acme-photos"), Token))!;
        Assert.Equal(acme.CanonicalId, bucket.OwnerId);
        Assert.Equal("acme-photos", Assert.Single(await _buckets.ListAsync(acme.CanonicalId, "", null, 10, Token)).Name.Value);
        Credential credential = (await _fixture.Credentials.FindAsync(made.Key.Key.Id, Token))!;
        Assert.Equal((made.Key.SecretKey, "arn:aws:iam::acme:user/photos"), (credential.SecretKey, credential.Principal.Arn));
        BucketAccess access = await BucketAccess.LoadAsync(_buckets, bucket, Token);
        Assert.Equal((ObjectOwnership.BucketOwnerEnforced, false), (access.Ownership, access.Policy!.IsPublic));
        Assert.Equal("user photos of acme", string.Join(',', access.Policy.Named.Select(static named => $"user {named.User} of {named.Organization}")));
        BucketPolicy.Parse(Encoding.UTF8.GetBytes(made.Policy), bucket.Name);
    }

    [Theory]
    [InlineData("photos", "free", "the user 'photos' of organization 'acme' is taken")]
    [InlineData("free", "acme-photos", "the bucket 'acme-photos' is taken")]
    public async Task A_name_that_is_taken_leaves_everything_as_it_was(string name, string bucket, string message)
    {
        await _fixture.OrganizationAsync("acme");
        await CreateAsync("photos", "acme-photos");
        string[] before = await RowsAsync();
        Assert.Equal(message, await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await CreateAsync(name, bucket)));
        Assert.Equal(before, await RowsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_name_that_is_taken_meanwhile_leaves_only_what_took_it(bool bucket)
    {
        Organization acme = await _fixture.OrganizationAsync("acme");
        string[] other = [];
        _fixture.Hooks.BeforeCommit = async _ =>
        {
            if (bucket)
            {
                await _buckets.CreateAsync(BucketName.FromStorage("acme-photos"), acme.CanonicalId, "Acme", "us-east-1", Token);
            }
            else
            {
                await _fixture.UserAsync("acme", "photos");
            }

            other = await RowsAsync();
        };
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await CreateAsync("photos", "acme-photos"));
        Assert.Equal(other, await RowsAsync());
    }

    [Fact]
    public async Task A_failed_commit_leaves_nothing()
    {
        await _fixture.OrganizationAsync("acme");
        string[] before = await RowsAsync();
        _fixture.Hooks.BeforeCommit = static _ => throw new StoreFailedException("full");
        await Assert.ThrowsAsync<StoreFailedException>(async () => await CreateAsync("photos", "acme-photos"));
        Assert.Equal(before, await RowsAsync());

        // The same request succeeds afterwards.
        await CreateAsync("photos", "acme-photos");
    }

    [Theory]
    [InlineData(CannedPolicies.ReadOnly, "GetObject,ListBucket", "PutObject,DeleteObject,PutBucketPolicy,DeleteObjectVersion")]
    [InlineData(CannedPolicies.ReadWrite, "GetObject,ListBucket,PutObject,DeleteObject", "PutBucketPolicy,DeleteObjectVersion,PutBucketAcl,PutObjectAcl,DeleteBucket,PutLifecycleConfiguration")]
    [InlineData(CannedPolicies.WriteOnly, "PutObject,AbortMultipartUpload", "GetObject,ListBucket,DeleteObject,PutObjectAcl,PutBucketPolicy")]
    public void Canned_policies_allow_what_they_are_called(string name, string allowed, string denied)
    {
        var policies = new[]
        {
            BucketPolicy.Parse(Encoding.UTF8.GetBytes(CannedPolicies.ForBucket(name, BucketName.FromStorage("data"), "arn:aws:iam::acme:user/app")!), BucketName.FromStorage("data")),
        };
        var ofKeys = new[] { ForKey(), ForKey("data"), ForKey("other", "data") };
        foreach (string action in allowed.Split(','))
        {
            Assert.All(policies, policy => Assert.Equal(Core.Policy.PolicyOutcome.Allow, policy.Evaluate(Ask(action, "data")).Outcome));
            Assert.All(ofKeys, policy => Assert.Equal(Core.Policy.PolicyOutcome.Allow, policy.Evaluate(Ask(action, "data")).Outcome));
            Assert.Equal(
                [Core.Policy.PolicyOutcome.Allow, Core.Policy.PolicyOutcome.NoMatch, Core.Policy.PolicyOutcome.NoMatch],
                ofKeys.Select(policy => policy.Evaluate(Ask(action, "data2")).Outcome));
        }

        foreach (string action in denied.Split(','))
        {
            Assert.All(policies, policy => Assert.Equal(Core.Policy.PolicyOutcome.NoMatch, policy.Evaluate(Ask(action, "data")).Outcome));
            Assert.All(ofKeys, policy => Assert.Equal(Core.Policy.PolicyOutcome.NoMatch, policy.Evaluate(Ask(action, "data")).Outcome));
        }

        Assert.Equal(name, ofKeys[0].Id);
        IdentityPolicy ForKey(params string[] buckets) =>
            IdentityPolicy.Parse(Encoding.UTF8.GetBytes(CannedPolicies.ForKey(name, [.. buckets.Select(BucketName.FromStorage)])!));
    }

    private static Core.Policy.PolicyRequest Ask(string action, string bucket)
    {
        Assert.True(Core.Policy.S3Actions.TryParse("s3:" + action, out Core.Policy.S3Action parsed));
        bool ofObject = Core.Policy.S3Actions.Kind(parsed) == Core.Policy.S3ResourceKinds.Object;
        return new(
            parsed, bucket, ofObject ? "key"u8.ToArray() : default, new Principal(new('a', 64), "acme", "KEY") { OrganizationId = "acme", UserName = "app" }, Core.Policy.NoConditions.Instance);
    }

    private async Task<NewApplication> CreateAsync(string name, string bucket) => await _applications.CreateAsync(
        "acme", new ApplicationRequest(name, BucketName.FromStorage(bucket), CannedPolicies.ReadWrite, new AccessKeyRequest()), "us-east-1", ObjectOwnership.BucketOwnerEnforced, Token);

    private async Task<string[]> RowsAsync() => [.. (await _fixture.AllRowsAsync()).Select(static row => $"{Convert.ToHexString(row.Key)}={Convert.ToHexString(row.Value)}")];
}
