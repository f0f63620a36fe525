using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Policy;
using Tarn.S3.Routing;

namespace Tarn.S3.Jobs;

/// <summary>Replaces an object's tags, adds to them or removes them, with the permission that PutObjectTagging or DeleteObjectTagging needs.</summary>
internal sealed class TagWork(ObjectReader reader, ObjectAmender amender) : IJobWork
{
    public async ValueTask<JobOutcome> RunAsync(JobKey key, CancellationToken cancellationToken)
    {
        JobParameters wanted = key.Parameters;
        bool removes = wanted.Tags.Count == 0;
        long bytes = 0;
        if (wanted.DryRun)
        {
            StoredObject found = await FindAsync();
            TagsFor(found, wanted);
        }
        else
        {
            await amender.SetTagsAsync(
                key.Source.Bucket, key.Item.Key, FindAsync, found => TagsFor(found, wanted).Pairs, removes, batch => key.Done(batch, bytes), cancellationToken);
        }

        return JobOutcome.Done(bytes);

        async ValueTask<StoredObject> FindAsync()
        {
            StoredObject found = await reader.FindAsync(key.Source.Bucket, key.Item.Key, cancellationToken) ?? throw key.Missing();
            bytes = found.Size;
            if (wanted.Merge)
            {
                // That an object has too many tags for more shows something of those it has.
                await key.ThrowIfDeniedAsync(key.Source, new Permission(S3Action.GetObjectTagging), cancellationToken, stored: found);
            }

            await key.ThrowIfDeniedAsync(
                key.Source, new Permission(removes ? S3Action.DeleteObjectTagging : S3Action.PutObjectTagging), cancellationToken,
                new JobFacts { Tags = removes ? null : TagsFor(found, wanted) }, stored: found);
            return found;
        }
    }

    /// <exception cref="Core.Errors.S3Exception">BadRequest: there would be too many.</exception>
    private static TagSet TagsFor(StoredObject found, JobParameters wanted)
    {
        IEnumerable<KeyValuePair<string, string>> kept = wanted.Merge
            ? found.Metadata.Tags.Where(tag => !wanted.Tags.Any(given => given.Key == tag.Key))
            : [];
        return TagSet.Create([.. kept, .. wanted.Tags], TagLimits.Object);
    }
}
