using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Policy;
using Tarn.S3.Access;

namespace Tarn.S3.Jobs;

/// <summary>What a job's work on one key has that policies may have conditions on, besides who asked for it.</summary>
internal readonly record struct JobFacts
{
    /// <summary>The version that is named; null for none.</summary>
    public string? Version { get; init; }

    /// <summary>The source of a copy, as <c>bucket/key</c>; null where nothing is copied.</summary>
    public string? CopySource { get; init; }

    /// <summary>The storage class of a copy, if it is not the default; null for that.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The tags that are set; null for none.</summary>
    public TagSet? Tags { get; init; }

    /// <summary>The prefix of a listing; null where nothing is listed.</summary>
    public string? Prefix { get; init; }
}

/// <summary>
/// The values for policy conditions of what a job does with one key: those of the request that asked for the job, such as its address, and those that the S3
/// operation would have. Headers of S3, such as those that grant access, are not sent, as clients may leave them out.
/// </summary>
/// <param name="origin">The request.</param>
/// <param name="facts">What is done with the key.</param>
/// <param name="clock">The server's.</param>
/// <param name="scope">What the decisions share that this one is among; if it is about many keys, all of them have the same facts.</param>
internal readonly struct JobConditions(JobOrigin origin, JobFacts facts, TimeProvider clock, DecisionScope scope) : IConditionFactory
{
    public DecisionScope Scope { get; } = scope;

    public IConditionSource For(StoredObject? stored) => new Source(origin, facts, clock, stored);

    private sealed class Source(JobOrigin origin, JobFacts facts, TimeProvider clock, StoredObject? stored) : IConditionSource
    {
        public ConditionValue Get(ConditionKey key, string? tagKey) => key switch
        {
            ConditionKey.Prefix => ConditionValue.Of(facts.Prefix),
            ConditionKey.VersionId => ConditionValue.Of(facts.Version),
            ConditionKey.CopySource => ConditionValue.Of(facts.CopySource),
            ConditionKey.StorageClass => ConditionValue.Of(facts.StorageClass),
            ConditionKey.ExistingObjectTag => ConditionValue.Of(
                stored is null || tagKey is null ? null : TagSet.FromStorage(stored.Metadata.Tags).Find(tagKey)),
            ConditionKey.RequestObjectTag => ConditionValue.Of(tagKey is null ? null : facts.Tags?.Find(tagKey)),
            ConditionKey.RequestObjectTagKeys => ConditionValue.Of([.. (facts.Tags ?? TagSet.Empty).Pairs.Select(static tag => tag.Key)]),
            _ => RequestOrigin.Get(origin, clock.GetUtcNow(), key),
        };
    }
}
