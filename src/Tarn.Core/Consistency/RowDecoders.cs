using Tarn.Core.Acceleration;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Cors;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Lifecycle;
using Tarn.Core.Mirroring;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Records;
using Tarn.Core.Samples;
using Tarn.Core.Scrubbing;
using Tarn.Core.Sharing;

namespace Tarn.Core.Consistency;

/// <summary>Decodes the rows of every table, to find those that cannot be.</summary>
internal static class RowDecoders
{
    private static readonly Dictionary<byte, Action<byte[]>> Of = new()
    {
        [Tables.Bucket] = static value => BucketRecord.Decode(value),
        [Tables.BucketByOwner] = Empty,
        [Tables.BucketCounts] = static value => Length(value, value.Length / sizeof(long) * sizeof(long)),
        [Tables.HourSample] = static value => BucketSample.Decode(value),
        [Tables.DaySample] = static value => BucketSample.Decode(value),
        [Tables.SampleState] = static value => SampleState.Decode(value),
        [Tables.Recount] = static value => RecountRecord.Decode(value),
        [Tables.Current] = static value => ObjectRecord.Decode(value).ThrowIfOdd(),
        [Tables.Marker] = static value => ObjectRecord.Decode(value).ThrowIfOdd(),
        [Tables.History] = static value => ObjectRecord.Decode(value).ThrowIfOdd(),
        [Tables.NullVersion] = static value => Length(value, VersionId.Size),
        [Tables.Upload] = static value => UploadRecord.Decode(value),
        [Tables.Part] = static value => PartRecord.Decode(value).ThrowIfOdd(),
        [Tables.AbortedUpload] = static _ => { },
        [Tables.BlobReference] = Empty,
        [Tables.Reclaim] = static value => ReclaimRecord.Decode(value),
        [Tables.InlineData] = static _ => { },
        [Tables.Manifest] = static value => ManifestChunk.Decode(value).ForEach(RecordValues.ThrowIfOdd),
        [Tables.LifecycleCursor] = static value => LifecycleCursor.Decode(value),
        [Tables.OrphanCursor] = static value => OrphanCursor.Decode(value),
        [Tables.Scrub] = static value => ScrubState.Decode(value),
        [Tables.SetAside] = static value => SetAsideRecord.Decode(value),
        [Tables.Epoch] = static value => EpochRecord.Decode(value),
        [Tables.Damage] = static value => DamageRecord.Decode(value),
        [Tables.Organization] = static value => Organization.Decode(value),
        [Tables.User] = static value => User.Decode(value),
        [Tables.AccessKey] = static value => AccessKey.Decode(value),
        [Tables.AccessKeyByUser] = Empty,
        [Tables.CanonicalId] = static value => IdentityPointer.Decode(value),
        [Tables.Email] = static value => IdentityPointer.Decode(value),
        [Tables.UserId] = static value => IdentityPointer.Decode(value),
        [Tables.ApiToken] = static value => ApiToken.Decode("", value),
        [Tables.ApiTokenByUser] = Empty,
        [Tables.OrganizationPolicy] = static value => StoredPolicy.Decode(value),
        [Tables.KeyRing] = static value => KeyRingRecord.Decode(value),
        [Tables.RootKey] = static value => RootKeyRecord.Decode(value),
        [Tables.AccessKeyUse] = static value => AccessKeyUse.Decode(value),
        [Tables.TemporaryKey] = static value => TemporaryKey.Decode(value),
        [Tables.TemporaryKeyByExpiry] = Empty,
        [Tables.TemporaryKeyByHolder] = Empty,
        [Tables.Issuer] = static value => OidcIssuer.Decode(value),
        [Tables.Role] = static value => IdentityRole.Decode(value),
        [Tables.Disk] = static value => DiskRecord.Decode(value),
        [Tables.DiskByOrganization] = Empty,
        [Tables.DiskByName] = static _ => { },
        [Tables.ShareLink] = static value => ShareLinkRecord.Decode(value),
        [Tables.ShareLinkByTarget] = Empty,
        [Tables.ShareLinkByExpiry] = Empty,
        [Tables.DiskUser] = static value => DiskUserRecord.Decode(value),
        [Tables.Job] = static value => JobRecord.Decode(value),
        [Tables.JobByOrganization] = Empty,
        [Tables.JobKey] = static value => JobRows.ThrowIfOdd(value),
        [Tables.JobUnfinished] = static _ => { },
        [Tables.JobByToken] = static value => Length(value, Id128.Size),
        [Tables.AcceleratorToken] = static value => AcceleratorToken.Decode("", value),
        [Tables.AcceleratorSecret] = static value => AcceleratorSecretsRecord.Decode(value),
        [Tables.AcceleratorClear] = static value => StoredClear.Decode(0, default, value),
        [Tables.Mirror] = static value => _ = value.Length == 0 ? null : MirrorPosition.Decode(value),
    };

    private static readonly Dictionary<BucketConfiguration, Action<byte[]>> OfSettings = new()
    {
        [BucketConfiguration.Tagging] = static value => TagSetCodec.Decode(value),
        [BucketConfiguration.Lifecycle] = static value => LifecycleConfiguration.Decode(value),
        [BucketConfiguration.Policy] = static value => StoredBucketPolicy.Decode(value),
        [BucketConfiguration.OwnershipControls] = static value => OwnershipControls.Decode(value),
        [BucketConfiguration.PublicAccessBlock] = static value => PublicAccessBlock.Decode(value),
        [BucketConfiguration.Acl] = static value => AclCodec.Decode(value),
        [BucketConfiguration.Cors] = static value => CorsConfiguration.Decode(value),
        [BucketConfiguration.Logging] = static value => BucketLogging.Decode(value),
    };

    /// <summary>The tables that rows can be in.</summary>
    public static IReadOnlyCollection<byte> Known { get; } = [.. Of.Keys, Tables.BucketConfiguration];

    /// <summary>What is wrong with a row taken by itself; null when nothing is.</summary>
    public static string? Problem(KeyValueEntry row)
    {
        if (!Known.Contains(row.Key[0]))
        {
            return $"This build knows no table 0x{row.Key[0]:X2}";
        }

        if (!RowKeys.HasLength(row.Key[0], row.Key.Length))
        {
            return "The key does not have the components of its table's keys";
        }

        try
        {
            if (row.Key[0] != Tables.BucketConfiguration)
            {
                Of[row.Key[0]](row.Value);
            }
            else if (OfSettings.TryGetValue((BucketConfiguration)row.Key[^1], out Action<byte[]>? decode))
            {
                decode(row.Value);
            }
            else
            {
                return $"This build knows no bucket setting {row.Key[^1]}";
            }

            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever a decoder trips over, the bytes are not what it wrote.
            return $"The record cannot be decoded: {e.Message}";
        }
    }

    private static void Empty(byte[] value) => Length(value, 0);

    private static void Length(byte[] value, int expected)
    {
        if (value.Length != expected)
        {
            throw new RecordFormatException($"it has {value.Length} bytes instead of {expected}.");
        }
    }
}
