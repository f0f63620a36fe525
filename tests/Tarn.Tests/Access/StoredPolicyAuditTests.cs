using System.Text;
using Tarn.Core;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Tests.Identity;

namespace Tarn.Tests.Access;

public sealed class StoredPolicyAuditTests
{
    [Fact]
    public async Task Names_the_policies_that_would_be_refused_now_and_no_others()
    {
        var fixture = new IdentityFixture();
        Organization acme = await fixture.OrganizationAsync("acme");
        var buckets = new BucketCatalog(fixture.Rows, TimeProvider.System, SystemRandomSource.Instance);
        await PutAsync(buckets, acme, "fine", """{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::fine/*"}]}""");
        await PutAsync(buckets, acme, "excluding", """{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"acme"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::excluding/*"}]}""");
        await PutAsync(buckets, acme, "marked", """{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::marked/*"}]}""", withoutPermission: true);
        string costly = string.Join(',', Enumerable.Repeat($"\"b/*{string.Concat(Enumerable.Repeat("a?", 240))}\"", 30));
        await fixture.Store.Policies.PutAsync("acme", "costly", Document("costly", costly), IdentityFixture.Token);
        await fixture.Store.Policies.PutAsync("acme", "plain", Document("plain", "\"b/*\""), IdentityFixture.Token);

        var found = new List<(string Whose, string Why)>();
        await foreach ((string, string) one in new StoredPolicyAudit(fixture.Store, buckets).FindAsync(IdentityFixture.Token))
        {
            found.Add(one);
        }

        Assert.Equal(["policy costly of organization acme", "policy of bucket excluding"], found.Select(one => one.Whose));
        Assert.Contains("wildcards", found[0].Why, StringComparison.Ordinal);
        Assert.Contains("NotPrincipal", found[1].Why, StringComparison.Ordinal);
    }

    private static string Document(string name, string resources) => $$"""
        {"version":"v1alpha1","name":"{{name}}","statements":[{"name":"s","effect":"Allow","actions":["s3:GetObject"],"resources":[{{resources}}],"principals":["*"]}]}
        """;

    private static async Task PutAsync(BucketCatalog buckets, Organization owner, string name, string policy, bool withoutPermission = false)
    {
        Bucket bucket = (await buckets.CreateAsync(BucketName.FromStorage(name), owner.CanonicalId, owner.DisplayName, "us-east-1", IdentityFixture.Token))!;
        await buckets.SetSettingAsync(
            bucket, AccessSettings.Policy, new StoredBucketPolicy(Encoding.UTF8.GetBytes(policy), withoutPermission), IdentityFixture.Token);
    }
}
