using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Jobs;

/// <summary>The state of a job. The numbers are persisted.</summary>
public enum JobState : byte
{
    /// <summary>It waits for its turn.</summary>
    Queued = 0,

    /// <summary>It is under way, or goes on after the next start of the server.</summary>
    Running = 1,

    /// <summary>It came to its end; single keys may have failed.</summary>
    Succeeded = 2,

    /// <summary>It could not go on.</summary>
    Failed = 3,

    /// <summary>Somebody ended it.</summary>
    Cancelled = 4,
}

/// <summary>What a job has done so far.</summary>
public sealed record JobCounts
{
    /// <summary>Keys, or versions where each is deleted, that are done.</summary>
    public long Done { get; init; }

    /// <summary>Those that failed; each has a <see cref="JobError"/>, up to <see cref="JobRecord.MaxErrors"/>.</summary>
    public long Failed { get; init; }

    /// <summary>Those with which there was nothing to do.</summary>
    public long Skipped { get; init; }

    /// <summary>The size of the objects that are done, in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Adds one key.</summary>
    public JobCounts With(in JobOutcome outcome) => outcome.Kind switch
    {
        JobOutcomeKind.Done => this with { Done = Done + 1, Bytes = Bytes + outcome.Bytes },
        JobOutcomeKind.Skipped => this with { Skipped = Skipped + 1 },
        _ => this with { Failed = Failed + 1 },
    };
}

/// <summary>The persisted form of a job: docs/design/records.md.</summary>
public sealed record JobRecord
{
    /// <summary>So many failures are kept; all are counted.</summary>
    public const int MaxErrors = 1000;

    /// <summary>So many bytes of failures are kept.</summary>
    public const int MaxErrorBytes = 512 << 10;

    private const byte Marker = 1;

    private static readonly long MaxTime = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks;

    /// <summary>What was asked for.</summary>
    public required JobParameters Parameters { get; init; }

    /// <summary>By whom.</summary>
    public required JobRequester Requester { get; init; }

    /// <summary>The facts of the request that asked for it.</summary>
    public JobOrigin Origin { get; init; } = new();

    /// <summary>What the requester called it, so that a request that is sent again makes no second job; null for nothing.</summary>
    public string? Token { get; init; }

    /// <summary>The id of the bucket: one that is created again under the same name has another.</summary>
    public required ulong BucketId { get; init; }

    /// <summary>The id of the bucket that gets copies; 0 without copies.</summary>
    public ulong DestinationId { get; init; }

    /// <summary>When it was asked for, Unix milliseconds.</summary>
    public required long Created { get; init; }

    /// <summary>The end of that millisecond, Unix microseconds: what was written later was put after the job was asked for.</summary>
    public long AskedBy => ((Created + 1) * 1000) - 1;

    /// <summary>When it was first begun, Unix milliseconds; 0: not yet.</summary>
    public long Started { get; init; }

    /// <summary>When it ended, Unix milliseconds; 0: not yet.</summary>
    public long Finished { get; init; }

    /// <summary>The state.</summary>
    public JobState State { get; init; }

    /// <summary>Why it failed, or why it waits to be tried again; null if it does neither.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether somebody asked to end it.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>How often its run failed since it last came forward.</summary>
    public int Attempts { get; init; }

    /// <summary>How many keys the bucket had when the job was asked for, if it concerns all; 0 when unknown.</summary>
    public long Expected { get; init; }

    /// <summary>What it has done.</summary>
    public JobCounts Counts { get; init; } = new();

    /// <summary>How many failures are kept.</summary>
    internal int Errors { get; init; }

    /// <summary>The bytes of the failures that are kept.</summary>
    internal int ErrorBytes { get; init; }

    /// <summary>The last key that is done; null before the first.</summary>
    internal byte[]? AfterKey { get; init; }

    /// <summary>Where the versions of that key are deleted: the newest that is done; null when all of the key is done.</summary>
    internal VersionId? AfterVersion { get; init; }

    /// <summary>Whether a version of that key was not deleted: the newer ones stay, since without them it would come to light.</summary>
    public bool IsAfterHeld { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool IsOver => State is not (JobState.Queued or JobState.Running);

    internal byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Number(1, (ulong)Parameters.Kind)
            .Text(2, Parameters.Bucket)
            .Number(3, BucketId)
            .Text(4, Parameters.Prefix)
            .Number(5, (ulong)Parameters.Versions)
            .Text(6, Parameters.ToBucket)
            .Number(7, DestinationId)
            .Text(8, Parameters.ToPrefix)
            .Number(9, Parameters.Overwrite ? 1UL : 0);
        TagSet.FromStorage(Parameters.Tags).Write(writer, 10);
        writer.Number(11, Parameters.Merge ? 1UL : 0)
            .Number(12, Parameters.At is { } at ? (at - DateTimeOffset.UnixEpoch).Ticks : 0)
            .Number(13, Parameters.DryRun ? 1UL : 0)
            .Nested(20, Requester.Encode)
            .Nested(21, Origin.Encode)
            .Text(22, Token)
            .Number(30, Created)
            .Number(31, Started)
            .Number(32, Finished)
            .Number(33, (ulong)State)
            .Text(34, Reason)
            .Number(35, IsCancelRequested ? 1UL : 0)
            .Number(36, Expected)
            .Number(37, Counts.Done)
            .Number(38, Counts.Failed)
            .Number(39, Counts.Skipped)
            .Number(40, Counts.Bytes)
            .Number(43, IsAfterHeld ? 1UL : 0)
            .Number(44, (long)Attempts)
            .Number(45, (long)Errors)
            .Number(46, (long)ErrorBytes);
        if (AfterKey is { } last)
        {
            writer.Bytes(41, last);
        }

        if (AfterVersion is { } version)
        {
            writer.Bytes(42, version.ToArray());
        }

        return writer.ToArray();
    }

    internal static JobRecord Decode(ReadOnlySpan<byte> bytes)
    {
        var parameters = new JobParameters { Kind = 0, Bucket = "" };
        JobRequester? requester = null;
        var record = new JobRecord { Parameters = parameters, Requester = null!, BucketId = 0, Created = 0 };
        var tags = new List<KeyValuePair<string, string>>();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: parameters = parameters with { Kind = (JobKind)reader.Number }; break;
                case 2: parameters = parameters with { Bucket = reader.Text }; break;
                case 3: record = record with { BucketId = reader.Number }; break;
                case 4: parameters = parameters with { Prefix = reader.Text }; break;
                case 5: parameters = parameters with { Versions = (JobVersions)reader.Number }; break;
                case 6: parameters = parameters with { ToBucket = reader.Text }; break;
                case 7: record = record with { DestinationId = reader.Number }; break;
                case 8: parameters = parameters with { ToPrefix = reader.Text }; break;
                case 9: parameters = parameters with { Overwrite = reader.Number != 0 }; break;
                case 10: tags.Add(TagSetCodec.ReadPair(reader.Nested())); break;
                case 11: parameters = parameters with { Merge = reader.Number != 0 }; break;
                case 12: parameters = parameters with { At = reader.Signed <= MaxTime ? DateTimeOffset.UnixEpoch.AddTicks(reader.Signed) : throw Odd() }; break;
                case 13: parameters = parameters with { DryRun = reader.Number != 0 }; break;
                case 20: requester = JobRequester.Decode(reader.Nested()); break;
                case 21: record = record with { Origin = JobOrigin.Decode(reader.Nested()) }; break;
                case 22: record = record with { Token = reader.Text }; break;
                case 30: record = record with { Created = reader.Signed }; break;
                case 31: record = record with { Started = reader.Signed }; break;
                case 32: record = record with { Finished = reader.Signed }; break;
                case 33: record = record with { State = (JobState)reader.Number }; break;
                case 34: record = record with { Reason = reader.Text }; break;
                case 35: record = record with { IsCancelRequested = reader.Number != 0 }; break;
                case 36: record = record with { Expected = reader.Signed }; break;
                case 37: record = record with { Counts = record.Counts with { Done = reader.Signed } }; break;
                case 38: record = record with { Counts = record.Counts with { Failed = reader.Signed } }; break;
                case 39: record = record with { Counts = record.Counts with { Skipped = reader.Signed } }; break;
                case 40: record = record with { Counts = record.Counts with { Bytes = reader.Signed } }; break;
                case 41: record = record with { AfterKey = reader.Bytes.ToArray() }; break;
                case 42: record = record with { AfterVersion = VersionId.Read(reader.Bytes16) }; break;
                case 43: record = record with { IsAfterHeld = reader.Number != 0 }; break;
                case 44: record = record with { Attempts = reader.Int32 }; break;
                case 45: record = record with { Errors = reader.Int32 }; break;
                case 46: record = record with { ErrorBytes = reader.Int32 }; break;
            }
        }

        if (requester is null || !Enum.IsDefined(parameters.Kind) || !Enum.IsDefined(parameters.Versions) || !Enum.IsDefined(record.State))
        {
            throw Odd();
        }

        return record with { Parameters = parameters with { Tags = tags }, Requester = requester };
    }

    private static RecordFormatException Odd() => new("A job has a kind, a state or a time that there is not, or no requester.");
}
