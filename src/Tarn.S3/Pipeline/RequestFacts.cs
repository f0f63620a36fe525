using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Acceleration;
using Tarn.Core.Access;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Forms;
using Tarn.S3.Operations;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Sts;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Pipeline;

/// <summary>Collects what access logs and the audit log show of a request.</summary>
internal static class RequestFacts
{
    /// <param name="request">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="caller">The requester; null when the request was not authenticated.</param>
    /// <param name="ground">What allowed the request.</param>
    public static HttpFacts Of(S3Request request, S3Answer answer, S3Caller? caller, AccessGround ground)
    {
        AuthMechanism mechanism = caller?.Signature.Mechanism ?? AuthMechanism.None;
        string target = request.Http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return HttpFacts.Of(request.Http, target, OperationTable.Parameters) with
        {
            VersionId = request.Query["versionId"] ?? answer.Http.Headers["x-amz-version-id"],
            HostId = request.HostId,
            SignatureVersion = mechanism switch
            {
                AuthMechanism.Header or AuthMechanism.Query or AuthMechanism.Form => "SigV4",
                AuthMechanism.HeaderVersion2 or AuthMechanism.QueryVersion2 or AuthMechanism.FormVersion2 => "SigV2",
                _ => null,
            },
            Authentication = mechanism switch
            {
                AuthMechanism.Query or AuthMechanism.QueryVersion2 => "QueryString",
                AuthMechanism.Form or AuthMechanism.FormVersion2 => "POST",
                AuthMechanism.None => null,
                _ => "AuthHeader",
            },
            NeededAcl = ground == AccessGround.AccessControlList,
            ObjectSize = SizeOf(request, answer.Http),
        };
    }

    /// <summary>
    /// Whether a request changes, if it succeeds, who may do what: every change of a bucket or its settings, of an object's ACL or locks, and an upload that sets an
    /// ACL. Tags are not among them, although policies can have conditions on them.
    /// </summary>
    public static bool ChangesAccess(S3Request request) =>
        request.Operation is { } operation
        && (StsOperations.Issues(operation) || IsAccessChange(operation) || (operation.Upload == UploadRole.Begins && (AclHeaders.Any(request.UploadHeaders) || FormOf(request) is { SetsAcl: true })));

    /// <summary>The key of the object that a request is for, also that in a form, whether or not it was allowed; null when it is for none.</summary>
    public static ObjectKey? KeyOf(S3Request request) => request.Address.Target == S3Target.Object ? request.Key : FormOf(request)?.FindKey();

    /// <summary>Whether requests for an operation change who may do what, whatever their headers.</summary>
    public static bool IsAccessChange(S3Operation operation) => operation.Method is not ("GET" or "HEAD" or "OPTIONS") && operation.Target switch
    {
        S3Target.Bucket => operation is { Authorization: not OperationAuthorization.PerKey, Upload: UploadRole.None },
        S3Target.Object => operation.Query is ["acl" or "retention" or "legal-hold", ..],
        _ => false,
    };

    private static FormFields? FormOf(S3Request request) => request.Http.Features.Get<FormFields>();

    private static long? SizeOf(S3Request request, HttpResponse response)
    {
        if (request.Address.Target != S3Target.Object || response.StatusCode >= StatusCodes.Status300MultipleChoices)
        {
            return null;
        }

        switch (request.Operation)
        {
            case { Method: "GET" or "HEAD", Query: [] }:
                string range = response.Headers.ContentRange.ToString();
                return range.Length == 0 ? (Number(response.Headers[AcceleratorHeaders.Length].ToString()) ?? response.ContentLength)
                    : Number(range.AsSpan(range.IndexOf('/', StringComparison.Ordinal) + 1));
            case { Method: "PUT", TakesStreams: true }:
                return Number(request.Headers["x-amz-decoded-content-length"].ToString()) ?? request.ContentLength;
            default:
                return null;
        }
    }

    private static long? Number(ReadOnlySpan<char> text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
