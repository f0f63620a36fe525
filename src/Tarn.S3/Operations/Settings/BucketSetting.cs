using Tarn.Core.Buckets;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Settings;

/// <summary>An optional setting of a bucket that is read, put and deleted as a whole.</summary>
/// <typeparam name="T">The setting, decoded.</typeparam>
internal sealed record BucketSetting<T>(string Subresource, params IReadOnlyList<SettingRequest> Requests) : SettingDeclaration(Subresource, Requests)
    where T : class
{
    /// <summary>The slot of the bucket that stores it.</summary>
    public required StoredSetting<T> Stored { get; init; }

    /// <summary>Its format in requests and answers.</summary>
    public required SettingFormat<T> Format { get; init; }

    /// <summary>Computes the effective value for a bucket or disk. Null: the stored value, and none for disks.</summary>
    public Func<S3Context, T?>? Effective { get; init; }

    /// <summary>Refuses, with an S3Exception, to set this value or, if it is null, to delete the setting. Null: every valid value is accepted.</summary>
    public Action<S3Context, T?>? Check { get; init; }

    /// <summary>Writes the headers that accompany the setting in the answers to GET and PUT.</summary>
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

/// <summary>The change that a PUT makes.</summary>
/// <param name="Value">The value to store; null removes the setting.</param>
internal readonly record struct SettingChange<T>(T? Value)
    where T : class
{
    /// <summary>Whether the setting must not be set yet; otherwise AccessDenied.</summary>
    public bool First { get; init; }

    /// <summary>Runs after the change is stored, and may add headers to the answer.</summary>
    public Func<ValueTask>? Then { get; init; }
}
