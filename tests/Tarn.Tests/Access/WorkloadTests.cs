using System.Text;
using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Access;

/// <summary>A workload that exchanged a token of its own has no right by being of an organization: where nothing names it, it gets what a stranger gets.</summary>
public sealed class WorkloadTests
{
    private const string Everyone = "\"*\"";
    private const string Named = """{"AWS":"arn:aws:iam::a:role/https://idp.example:svc"}""";

    private static readonly Principal User = TestIdentity.PrincipalOf("a.user");
    private static readonly Principal Workload = TestIdentity.PrincipalOf("a@svc");

    [Fact]
    public void What_is_reserved_to_the_owners_organization_is_given_by_name_alone()
    {
        foreach (S3Action action in S3Actions.All.Where(static action => ActionReach.Of(action) == Reach.OwnersOrganization && action != S3Action.PutBucketPolicy))
        {
            Assert.True(Decide(User, action, Everyone, restricted: false).Allowed, action.Name());
            Assert.True(Decide(Workload, action, Named, restricted: false).Allowed, action.Name());
            Assert.Equal(Decide(TestIdentity.PrincipalOf("b"), action, Everyone, restricted: false), Decide(Workload, action, Everyone, restricted: false));
        }
    }

    [Fact]
    public void What_a_public_policy_allows_is_restricted_for_it_too()
    {
        foreach (S3Action action in (S3Action[])[S3Action.GetObject, S3Action.ListBucket, S3Action.PutObject, S3Action.GetBucketPolicy])
        {
            Assert.True(Decide(User, action, Everyone, restricted: true).Allowed, action.Name());
            Assert.False(Decide(Workload, action, Everyone, restricted: true).Allowed, action.Name());
            Assert.True(Decide(Workload, action, Named, restricted: true).Allowed, action.Name());
            Assert.True(Decide(Workload, action, Everyone, Named, restricted: true).Allowed, action.Name());
        }

        Assert.Equal(AccessGround.PublicAccessBlock, Decide(Workload, S3Action.GetObject, Everyone, restricted: true).Ground);
        Assert.True(Decide(Workload, S3Action.GetObject, Everyone, restricted: false).Allowed);
    }

    /// <summary>Neither the objects nor the uploads of those who are members of its organization are its own.</summary>
    [Fact]
    public async Task A_list_for_everyone_gives_it_no_power_over_what_its_organization_wrote()
    {
        await using AccessHost host = await AccessHost.StartAsync(ObjectOwnership.ObjectWriter);
        await host.OkAsync("a", "PUT bucket", "", "x-amz-acl: public-read-write");
        await host.OkAsync("b.user", "PUT bucket/key", "x");
        string begun = (await host.OkAsync("b.user", "POST bucket/parts?uploads")).Text;
        string upload = begun.Split("<UploadId>")[1].Split("</UploadId>")[0];
        foreach (string stranger in (string[])["b@svc", "c"])
        {
            await host.RefusedAsync("AccessDenied", stranger, "PUT bucket/key", "y");
            await host.RefusedAsync("AccessDenied", stranger, "DELETE bucket/key");
            await host.RefusedAsync("AccessDenied", stranger, $"PUT bucket/parts?partNumber=1&uploadId={upload}", "y");
            await host.RefusedAsync("AccessDenied", stranger, $"GET bucket/parts?uploadId={upload}");
            await host.RefusedAsync("AccessDenied", stranger, $"DELETE bucket/parts?uploadId={upload}");
        }

        await host.OkAsync("b@svc", "PUT bucket/new", "y");
        await host.OkAsync("b", $"GET bucket/parts?uploadId={upload}");
        await host.OkAsync("b", "DELETE bucket/key");
    }

    private static AccessDecision Decide(Principal who, S3Action action, string principal, bool restricted) => Decide(who, action, principal, principal, restricted);

    private static AccessDecision Decide(Principal who, S3Action action, string first, string second, bool restricted) => AccessEvaluator.Decide(new AccessQuestion
    {
        Request = new PolicyRequest(action, "bucket", action.Kind() == S3ResourceKinds.Object ? "key"u8.ToArray() : default, who, NoConditions.Instance),
        BucketOwnerId = TestIdentity.IdOf("a"),
        OwnerPolicies = OrganizationPolicies.None,
        Bucket = new BucketAccess
        {
            Block = restricted ? PublicAccessBlock.Off with { RestrictPublicBuckets = true } : PublicAccessBlock.Off,
            Policy = BucketPolicy.Parse(
                Encoding.UTF8.GetBytes($$"""{"Version":"2012-10-17","Statement":[{{Statement(first)}},{{Statement(second)}}]}"""), BucketName.FromStorage("bucket")),
        },
    });

    private static string Statement(string principal) =>
        $$"""{"Effect":"Allow","Principal":{{principal}},"Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""";
}
