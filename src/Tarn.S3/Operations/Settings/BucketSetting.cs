using Tarn.Core.Buckets;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Settings;

/// <summary>A setting that a bucket has or has not, and that is read, put and deleted as a whole.</summary>
/// <typeparam name="T">The setting, decoded.</typeparam>
internal sealed record BucketSetting<T>(string Subresource, params IReadOnlyList<SettingRequest> Requests) : SettingDeclaration(Subresource, Requests)
    where T : class
{
    /// <summary>Where a bucket keeps it.</summary>
    public required StoredSetting<T> Stored { get; init; }

    /// <summary>How requests carry it and how it is answered.</summary>
    public required SettingFormat<T> Format { get; init; }

    /// <summary>What holds in a bucket or disk, where that is not simply what is stored. Null: what is stored, and nothing of a disk.</summary>
    public Func<S3Context, T?>? Effective { get; init; }

    /// <summary>Refuses, with an S3Exception, to set this value or, when it is null, to delete the setting. Null: anything that was read may be set.</summary>
    public Action<S3Context, T?>? Check { get; init; }

    /// <summary>Writes headers that come with the setting in the answers to reading and putting it.</summary>
    public Action<S3Context, T>? Headers { get; init; }

    /// <summary>The status of a successful PUT: 200 or 204.</summary>
    public int PutStatus { get; init; } = 200;

    public override IOperation Serve(SettingRequest request, SettingServices services) => request.Method switch
    {
        "GET" => new GetSetting<T>(this, services),
        "PUT" => new PutSetting<T>(this, services),
        "DELETE" => new DeleteSetting<T>(this, services.Buckets),
        _ => throw new InvalidOperationException($"{request.Name}: a setting takes no {request.Method}."),
    };
}

/// <summary>What a PUT does to a setting.</summary>
/// <param name="Value">What is stored; null: the setting is removed.</param>
internal readonly record struct SettingChange<T>(T? Value)
    where T : class
{
    /// <summary>Whether it may be set only where it is not set yet; else AccessDenied.</summary>
    public bool First { get; init; }

    /// <summary>Runs once the change is stored, and may add headers to the answer.</summary>
    public Func<ValueTask>? Then { get; init; }
}
