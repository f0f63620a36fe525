using Tarn.Core.Errors;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Settings;

/// <summary>
/// The declaration of one of S3's settings: the sub-resource that names it, its requests, and the answer to reading it where it is not
/// set. Its rows of the operation table, and the operations that serve them, are derived from this.
/// </summary>
/// <param name="Subresource">The query parameter that names it.</param>
/// <param name="Requests">The requests that S3 has for it.</param>
internal abstract record SettingDeclaration(string Subresource, IReadOnlyList<SettingRequest> Requests)
{
    /// <summary>Whether it belongs to an object or a bucket.</summary>
    public S3Target Target { get; init; } = S3Target.Bucket;

    /// <summary>The error for reading it where it is not set, if S3 has one; reading one configuration by its id always gets it.</summary>
    public S3Error? NotSet { get; init; }

    /// <summary>The document for reading it where it is not set, or for listing its configurations, if S3 has one.</summary>
    public XmlContent? Unset { get; init; }

    /// <summary>The rows of the operation table.</summary>
    public IEnumerable<S3Operation> Rows => Requests.Select(request => new S3Operation(request.Name, request.Method, Target, request.Action)
    {
        Query = request.ById ? [Subresource, "id"] : [Subresource],
        AwsAction = request.AwsAction,
        Headers = request.Method is "PUT" or "POST" ? [.. RequestMembers.Document, .. request.Headers] : [],
        Parameters = Target == S3Target.Object ? ["versionId"] : request.Pages ? ["continuation-token"] : [],
    });

    /// <summary>The operation that serves a request of <see cref="Requests"/>.</summary>
    public abstract IOperation Serve(SettingRequest request, SettingServices services);

    /// <summary>Answers a read of the setting where it is not set: on an object, on a bucket, or on a disk, which has no settings.</summary>
    /// <exception cref="S3Exception">The setting's <see cref="NotSet"/>.</exception>
    public Task AnswerUnsetAsync(S3Context context, bool byId) => !byId && Unset is { } document
        ? ResponseXml.WriteAsync(context, document)
        : throw new S3Exception(NotSet!)
        {
            Details = Target == S3Target.Object ? [new("Key", context.Key.ToString())] : [new("BucketName", context.AnyBucket.Name)],
        };
}
