using Tarn.Core.Errors;
using Tarn.S3.Documents;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Absent;

/// <summary>
/// A setting of S3's that this server does not have, and so one that is never set: reading it says so as S3 does, deleting it and setting
/// it to "off" succeed, and only what would turn it on is refused.
/// </summary>
/// <param name="Subresource">The query parameter that names it.</param>
/// <param name="Requests">The requests that S3 has for it.</param>
internal sealed record AbsentSetting(string Subresource, params AbsentRequest[] Requests)
{
    /// <summary>Whether it is one of an object or of a bucket.</summary>
    public S3Target Target { get; init; } = S3Target.Bucket;

    /// <summary>The answer to reading it, where S3 says by an error that it is not set; for one of many by id, always that.</summary>
    public S3Error? NotSet { get; init; }

    /// <summary>The answer to reading it, or to listing what there is of it, where S3 has a document for that.</summary>
    public XmlContent? Unset { get; init; }

    /// <summary>What PUT carries, where it can say "off"; null: whatever it carries turns the setting on.</summary>
    public DocumentShape? Document { get; init; }

    /// <summary>The element by which the document says "on" or "off"; null: one that turns nothing on is "off".</summary>
    public OnOff? Switch { get; init; }

    /// <summary>The rows of the operation table.</summary>
    public IEnumerable<S3Operation> Rows => Requests.Select(request => new S3Operation(request.Name, request.Method, Target, request.Action)
    {
        Query = request.ById ? [Subresource, "id"] : [Subresource],
        Headers = request.Method is "PUT" or "POST" ? [.. RequestMembers.Document, .. request.Headers ?? []] : [],
        Parameters = Target == S3Target.Object ? ["versionId"] : request.Pages ? ["continuation-token"] : [],
    });
}

/// <summary>A request about a setting.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Name">The operation's name in the Amazon S3 API Reference.</param>
/// <param name="Action">The policy action.</param>
/// <param name="ById">Whether it is about one configuration of many.</param>
internal readonly record struct AbsentRequest(string Method, string Name, string Action, bool ById = false)
{
    /// <summary>Whether it lists configurations, by pages.</summary>
    public bool Pages { get; init; }

    /// <summary>Headers that only a setting that is on gives a meaning to.</summary>
    public string[]? Headers { get; init; }
}

/// <summary>The two values of an element.</summary>
internal readonly record struct OnOff(string Element, string On, string Off);
