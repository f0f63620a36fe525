using System.Text.Json;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.S3.Access;

namespace Tarn.Server.Control.Tarn;

/// <summary>Explains how a hypothetical request would be decided.</summary>
internal sealed class SupposedRequests(PrincipalFinder principals, AccessExplainer explainer)
{
    private static readonly string[] ArnPrefixes = ["arn:aws:s3:::", "arn:cw:s3:::"];

    /// <exception cref="ControlRefusalException">400: the question is malformed; 404: the requester does not administer its subject.</exception>
    /// <exception cref="Core.Errors.S3Exception">InvalidArgument: the context is malformed.</exception>
    public async ValueTask<ExplanationView> ExplainAsync(ControlRequest request, ExplainBody body)
    {
        if (body.Principal is not { Length: > 0 } who || body.Action is not { Length: > 0 } actionName)
        {
            throw ControlRefusalException.BadRequest("either requestId is needed, or principal, action and resource");
        }

        if (!S3Actions.TryParse(actionName, out S3Action action))
        {
            throw ControlRefusalException.BadRequest($"there is no action '{actionName}'");
        }

        (string bucket, ObjectKey key) = Resource(action, body.Resource);
        GivenConditions context = GivenConditions.Parse(Texts(body.Context));
        bool own = action is S3Action.ListAllMyBuckets or S3Action.CreateBucket;
        Bucket? found = own ? null : await FindAsync(request, bucket);
        Principal? principal = await principals.FindAsync(request, who);
        if (own && (principal is null || !request.MayAdminister(principal.OrganizationId)))
        {
            throw principal is null
                ? ControlRefusalException.BadRequest("an anonymous requester has no organization, and may not do that")
                : PrincipalFinder.NotFound(who);
        }

        var query = new AccessQuery(principal, action, context) { Key = key, Version = body.VersionId };
        AccessExplanation explanation = found is null
            ? await explainer.ExplainOwnAsync(query, bucket, request.CancellationToken)
            : await explainer.ExplainAsync(query, found, request.CancellationToken);
        AccessDecision decision = explanation.Decision;
        ExplanationView view = new ExplanationView
        {
            Decision = decision.Allowed ? "allowed" : "denied",
            By = ExplanationView.NameOf(decision.Ground),
            Reason = explanation.Reason,
            Principal = principal?.Arn ?? "anonymous",
            Action = action.Name(),
            Resource = bucket.Length == 0 ? "*" : $"arn:aws:s3:::{bucket}{(key.Utf8.Length > 0 ? $"/{key}" : "")}",
            Context = explanation.Asked,
        }.With(decision);

        // The condition keys reveal something about the policies of the requester's organization, too.
        bool all = principal is null || request.MayAdminister(principal.OrganizationId);
        return all ? view
            : DenialKinds.Of(decision.Ground) is var kind && DenialKinds.IsOfRequester(kind) ? view.WithoutPolicy(kind)
            : view with { Context = null };
    }

    private async ValueTask<Bucket> FindAsync(ControlRequest request, string name)
    {
        Bucket? found = BucketName.TryParse(name, out BucketName parsed)
            ? await explainer.FindBucketAsync(parsed, request.CancellationToken)
            : null;
        return found is not null && (request.IsServerAdministrator || found.OwnerId == request.Principal.OwnerId)
            ? found
            : throw ControlRefusalException.NotFound($"there is no bucket '{name}', or none that you may ask about");
    }

    private static (string Bucket, ObjectKey Key) Resource(S3Action action, string? resource)
    {
        string path = resource ?? "";
        foreach (string prefix in ArnPrefixes)
        {
            path = path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..] : path;
        }

        if (action.Kind() == S3ResourceKinds.Service)
        {
            return path is "" or "*" ? ("", default) : throw ControlRefusalException.BadRequest($"{action.Name()} concerns no bucket: leave out the resource");
        }

        int slash = path.IndexOf('/', StringComparison.Ordinal);
        string bucket = slash < 0 ? path : path[..slash];
        string rest = slash < 0 ? "" : path[(slash + 1)..];
        if (DiskId.HasShape(bucket))
        {
            throw ControlRefusalException.BadRequest("policies do not apply to disks: only a disk's own access keys can read it");
        }

        ObjectKey key = default;
        bool ofObject = action.Kind() == S3ResourceKinds.Object;
        return bucket.Length > 0 && (rest.Length > 0) == ofObject && (!ofObject || ObjectKey.TryCreate(rest, out key))
            ? (bucket, key)
            : throw ControlRefusalException.BadRequest(
                $"the resource of {action.Name()} must be like {(ofObject ? "arn:aws:s3:::bucket/key or bucket/key" : "arn:aws:s3:::bucket or bucket")}");
    }

    private static Dictionary<string, IReadOnlyList<string>> Texts(Dictionary<string, JsonElement>? context)
    {
        var texts = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in context ?? [])
        {
            texts[name] = value.ValueKind == JsonValueKind.Array
                ? [.. value.EnumerateArray().Select(item => Text(name, item))]
                : [Text(name, value)];
        }

        return texts;
    }

    private static string Text(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw ControlRefusalException.BadRequest($"the value of {name} must be a text or a list of texts"),
    };
}
