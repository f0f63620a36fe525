using System.Runtime.CompilerServices;
using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>
/// Finds stored policies that would be refused if they were put now. They still apply, so the operator should know of them.
/// </summary>
public sealed class StoredPolicyAudit(IdentityStore identity, BucketCatalog buckets)
{
    private const int Page = 1000;

    /// <summary>Goes through all organizations and their buckets.</summary>
    /// <returns>The policy's owner, in words, and why it would be refused.</returns>
    public async IAsyncEnumerable<(string Whose, string Why)> FindAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            IdentityPage<Organization> page = await identity.Organizations.ListAsync(after, Page, cancellationToken);
            foreach (Organization organization in page.Items)
            {
                foreach (StoredPolicy policy in await identity.Policies.AllAsync(organization.Name, cancellationToken))
                {
                    if (Refusal(() => OrganizationPolicy.Parse(Encoding.UTF8.GetBytes(policy.Document), organization.Name)) is { } why)
                    {
                        yield return ($"policy {policy.Name} of organization {organization.Name}", why);
                    }
                }

                await foreach ((string, string) found in OfBucketsAsync(organization, cancellationToken))
                {
                    yield return found;
                }
            }

            after = page.Next;
        }
        while (after is not null);
    }

    private async IAsyncEnumerable<(string Whose, string Why)> OfBucketsAsync(
        Organization organization, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<ListedBucket> page = [];
        do
        {
            page = await buckets.ListAsync(organization.CanonicalId, "", page.Count == 0 ? null : page[^1].Name.Value, Page, cancellationToken);
            foreach (ListedBucket listed in page)
            {
                Bucket bucket = listed.Bucket ?? throw listed.Damage!;
                if (await buckets.GetSettingAsync(bucket, AccessSettings.Policy, cancellationToken) is { } policy
                    && Refusal(() => BucketPolicy.Parse(policy.Text, bucket.Name)) is { } why)
                {
                    yield return ($"policy of bucket {bucket.Name.Value}", why);
                }
            }
        }
        while (page.Count > 0);
    }

    private static string? Refusal(Action parse)
    {
        try
        {
            parse();
            return null;
        }
        catch (S3Exception e)
        {
            return e.Message;
        }
    }
}
