namespace Tarn.S3.Operations.Settings;

/// <summary>A request about a setting.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Name">The operation's name in the Amazon S3 API Reference.</param>
/// <param name="Action">The policy action.</param>
/// <param name="ById">Whether it concerns one configuration, named by its id.</param>
internal sealed record SettingRequest(string Method, string Name, string Action, bool ById = false)
{
    /// <summary>AWS's name for the permission where it differs from <see cref="Action"/>.</summary>
    public string? AwsAction { get; init; }

    /// <summary>Whether it lists configurations in pages.</summary>
    public bool Pages { get; init; }

    /// <summary>Headers that it accepts besides those of every document.</summary>
    public string[] Headers { get; init; } = [];

    public static SettingRequest Get(string name, string action, string? awsAction = null) => new("GET", name, action) { AwsAction = awsAction };

    public static SettingRequest Put(string name, string action, params string[] headers) => new("PUT", name, action) { Headers = headers };

    public static SettingRequest Delete(string name, string action, string? awsAction = null) => new("DELETE", name, action) { AwsAction = awsAction };

    /// <summary>The requests for a setting of which a bucket can have many configurations, each with an id: list, and get, put and delete by id.</summary>
    /// <param name="kind">The common part of the names of the four operations.</param>
    /// <param name="get">The policy action for listing and reading.</param>
    /// <param name="put">The policy action for putting and deleting.</param>
    public static SettingRequest[] ByIds(string kind, string get, string put) =>
    [
        new("GET", $"ListBucket{kind}s", get) { Pages = true },
        new("GET", $"GetBucket{kind}", get, ById: true),
        new("PUT", $"PutBucket{kind}", put, ById: true),
        new("DELETE", $"DeleteBucket{kind}", put, ById: true),
    ];
}
