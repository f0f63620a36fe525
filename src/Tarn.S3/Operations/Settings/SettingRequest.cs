namespace Tarn.S3.Operations.Settings;

/// <summary>A request about a setting.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Name">The operation's name in the Amazon S3 API Reference.</param>
/// <param name="Action">The policy action.</param>
/// <param name="ById">Whether it is about one configuration of many.</param>
internal sealed record SettingRequest(string Method, string Name, string Action, bool ById = false)
{
    /// <summary>What AWS calls the permission where it is not <see cref="Action"/>.</summary>
    public string? AwsAction { get; init; }

    /// <summary>Whether it lists configurations, by pages.</summary>
    public bool Pages { get; init; }

    /// <summary>Headers that it may have beside those of every document.</summary>
    public string[] Headers { get; init; } = [];

    public static SettingRequest Get(string name, string action, string? awsAction = null) => new("GET", name, action) { AwsAction = awsAction };

    public static SettingRequest Put(string name, string action, params string[] headers) => new("PUT", name, action) { Headers = headers };

    public static SettingRequest Delete(string name, string action, string? awsAction = null) => new("DELETE", name, action) { AwsAction = awsAction };

    /// <summary>What a bucket can have many of, each with an id: they are listed, and read, put and deleted one by one.</summary>
    /// <param name="kind">What the names of the four operations have in common.</param>
    /// <param name="get">The policy action of listing and reading.</param>
    /// <param name="put">The policy action of putting and deleting.</param>
    public static SettingRequest[] ByIds(string kind, string get, string put) =>
    [
        new("GET", $"ListBucket{kind}s", get) { Pages = true },
        new("GET", $"GetBucket{kind}", get, ById: true),
        new("PUT", $"PutBucket{kind}", put, ById: true),
        new("DELETE", $"DeleteBucket{kind}", put, ById: true),
    ];
}
