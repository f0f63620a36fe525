using System.Buffers.Binary;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;

namespace Tarn.Core.Records;

/// <summary>The rows of jobs over many keys. A job's id begins with the time of its creation, so ids are in that order.</summary>
internal static partial class Tables
{
    public const byte Job = 0x79;
    public const byte JobByOrganization = 0x7A;
    public const byte JobKey = 0x7B;
    public const byte JobUnfinished = 0x7C;
    public const byte JobByToken = 0x7D;

    /// <summary>In <see cref="JobKey"/>, after the job's id: a key that is done and that the job's cursor has not passed.</summary>
    internal const byte JobMarkKind = 1;

    /// <summary>In <see cref="JobKey"/>, after the job's id: a key that failed.</summary>
    internal const byte JobErrorKind = 2;

    /// <summary>job id → <see cref="Jobs.JobRecord"/>.</summary>
    public static byte[] JobIdKey(Id128 id) => Concat(Job, Id(id));

    /// <summary>organization (<see cref="Jobs.JobOwner"/>), job id → nothing: an organization's jobs, the oldest first.</summary>
    public static byte[] JobByOrganizationKey(byte[] owner, Id128 id) => [.. JobsOf(owner), .. Id(id)];

    /// <summary>The prefix of the rows of all of an organization's jobs.</summary>
    public static byte[] JobsOf(byte[] owner) => [JobByOrganization, .. owner];

    /// <summary>The organization of a row of <see cref="JobByOrganization"/>.</summary>
    public static byte[] JobOwnerOf(byte[] row) => row[1..^Id128.Size];

    /// <summary>The row that every commit of a new job changes, so that no two of them pass the limits together.</summary>
    public static byte[] JobCreationKey => [JobUnfinished];

    /// <summary>job id → organization: a job that has not ended.</summary>
    public static byte[] JobUnfinishedKey(Id128 id) => Concat(JobUnfinished, Id(id));

    /// <summary>organization, SHA-256 of the requester and what they called the job → job id.</summary>
    public static byte[] JobByTokenKey(byte[] owner, byte[] token) => [JobByToken, .. owner, .. token];

    /// <summary>The id of a row of <see cref="JobByOrganization"/>.</summary>
    public static Id128 JobOf(ReadOnlySpan<byte> row) => Id128.Read(row[^Id128.Size..]);

    /// <summary>The prefix of the marks or of the errors of a job.</summary>
    public static byte[] JobKeysOf(Id128 id, byte kind) => [JobKey, .. Id(id), kind];

    /// <summary>job id, 1, key (terminated), version (absent: all of the key) → <see cref="Jobs.JobMark"/>.</summary>
    public static byte[] JobMarkKey(Id128 id, ReadOnlySpan<byte> key, VersionId? version) =>
        [.. JobKeysOf(id, JobMarkKind), .. KeyCodec.Write().Terminated(key).ToArray(), .. version?.ToArray() ?? []];

    /// <summary>job id, 2, number (4 bytes) → <see cref="Jobs.JobError"/>.</summary>
    public static byte[] JobErrorKey(Id128 id, int number)
    {
        byte[] row = [.. JobKeysOf(id, JobErrorKind), 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(row.AsSpan(row.Length - sizeof(int)), number);
        return row;
    }
}
