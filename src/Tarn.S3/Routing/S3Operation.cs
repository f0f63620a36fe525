namespace Tarn.S3.Routing;

/// <summary>One row of the operation table: which requests are this operation, and the action that policies know it by.</summary>
/// <param name="Name">The operation's name in the Amazon S3 API Reference.</param>
/// <param name="Method">The HTTP method, upper case.</param>
/// <param name="Action">The policy action, e.g. <c>s3:GetObject</c>.</param>
internal sealed record S3Operation(string Name, string Method, S3Target Target, string Action)
{
    /// <summary>Query parameters that must be present; <c>name=value</c> asks for that value.</summary>
    public string[] Query { get; init; } = [];

    /// <summary>A request header that must be present, lower case.</summary>
    public string? Header { get; init; }

    /// <summary>The policy action of a request that names a version; null when versions make no difference.</summary>
    public string? VersionAction { get; init; }

    /// <summary>What AWS calls the permission where it is not <see cref="S3Operation.Action"/>: permitting either permits, denying either denies.</summary>
    public string? AwsAction { get; init; }

    /// <summary><see cref="AwsAction"/> of a request that names a version.</summary>
    public string? AwsVersionAction { get; init; }

    /// <summary>
    /// The operation finds out by itself who asks and whether it may: a preflight comes from nobody, and a form is signed inside its body.
    /// </summary>
    public bool AsksByItself { get; init; }

    /// <summary>
    /// Whether S3 refuses the operation to anonymous callers though a policy or a list gives them its permission, which other operations
    /// share: copies and multipart uploads. What is refused to them by the permission is in <see cref="Tarn.Core.Access.ActionReach"/>.
    /// </summary>
    public bool NeedsSignature { get; init; }

    /// <summary>Its body may come without a length, in chunked transfer encoding: an upload whose end its sender does not know.</summary>
    public bool TakesStreams { get; init; }

    /// <summary>Whether a signature for any region is taken: clients ask by these operations which region it is.</summary>
    public bool TakesAnyRegion { get; init; }

    /// <summary>The row's position in the table: what operations are looked up by.</summary>
    public int Index { get; init; } = -1;

    public override string ToString() => Name;
}
