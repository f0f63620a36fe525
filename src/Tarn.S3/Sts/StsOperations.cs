using Microsoft.AspNetCore.Http;
using Tarn.S3.Routing;

namespace Tarn.S3.Sts;

/// <summary>
/// The operations of the Security Token Service, which are no operations of S3 and so not in the table, but are served on the same listener: a form posted to
/// <c>/</c>, or <c>/?Action=…</c>. Source: AWS Security Token Service API Reference.
/// </summary>
internal static class StsOperations
{
    public static readonly S3Operation AssumeRoleWithWebIdentity = Row("AssumeRoleWithWebIdentity");
    public static readonly S3Operation GetSessionToken = Row("GetSessionToken");
    public static readonly S3Operation GetCallerIdentity = Row("GetCallerIdentity");

    /// <summary>A request whose action is not known yet, or is none of the others.</summary>
    public static readonly S3Operation Any = Row("SecurityTokenService");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<S3Operation> All = [AssumeRoleWithWebIdentity, GetSessionToken, GetCallerIdentity, Any];

    private const string Form = "application/x-www-form-urlencoded";

    /// <summary>Whether the row is one of these.</summary>
    public static bool Contains(S3Operation? operation) => operation is { Index: < 0 } && All.Contains(operation);

    /// <summary>Whether the operation issues credentials, so that it is in the audit log.</summary>
    public static bool Issues(S3Operation operation) =>
        ReferenceEquals(operation, AssumeRoleWithWebIdentity) || ReferenceEquals(operation, GetSessionToken);

    /// <summary>The operation of a request; null when it is for S3. The action of a form is found once the form is read.</summary>
    public static S3Operation? Find(HttpRequest request, in S3Address address, RequestQuery parameters) =>
        address.Target != S3Target.Service || address.Bucket is not null ? null
        : HttpMethods.IsGet(request.Method) ? (parameters["Action"] is { } action ? Named(action) : null)
        : HttpMethods.IsPost(request.Method) && IsForm(request.ContentType) ? Any
        : null;

    /// <summary>The operation with an action's name; <see cref="Any"/> for an unknown one.</summary>
    public static S3Operation Named(string? action) => All.FirstOrDefault(row => row.Name == action) ?? Any;

    private static bool IsForm(string? contentType) =>
        contentType is not null && contentType.AsSpan(0, contentType.IndexOf(';', StringComparison.Ordinal) is >= 0 and int end ? end : contentType.Length)
            .Trim().Equals(Form, StringComparison.OrdinalIgnoreCase);

    private static S3Operation Row(string name) => new(name, "POST", S3Target.Service, "") { Authorization = OperationAuthorization.Itself };
}
