using Tarn.Core.Identity;
using Tarn.S3.Access;

namespace Tarn.Server.Control.Tarn;

/// <summary>Explains requests that were denied.</summary>
internal sealed class DeniedRequests(IdentityStore identity, DenialLog denials)
{
    /// <exception cref="ControlRefusalException">404: no such request is on record, or none that the requester may see.</exception>
    public async ValueTask<ExplanationView> ExplainAsync(ControlRequest request, ExplainBody body)
    {
        if (body.Principal is not null || body.Action is not null || body.Resource is not null || body.VersionId is not null || body.Context is not null)
        {
            throw ControlRefusalException.BadRequest("requestId must be the only member");
        }

        return await FindAsync(request, body.RequestId!)
            ?? throw ControlRefusalException.NotFound($"there is no denied request '{body.RequestId}' among the latest, or none that you may ask about");
    }

    /// <summary>Finds why a request was denied; null if it was not, or the requester may not know.</summary>
    public async ValueTask<ExplanationView?> FindAsync(ControlRequest request, string requestId)
    {
        if (!denials.TryFind(requestId, out Denial? denial) || !await MayKnowAsync(request, denial))
        {
            return null;
        }

        var view = new ExplanationView
        {
            Decision = "denied",
            By = ExplanationView.NameOf(denial.Kind),
            Reason = denial.Reason,
            Principal = denial.Principal,
            Action = denial.Action,
            Resource = denial.Resource,
            RequestId = denial.RequestId,
            Time = denial.Time.UtcDateTime,
            Operation = denial.Operation,
            AccessKey = denial.AccessKeyId,
            Signature = denial.Signature is { } seen ? new SignatureView(seen.CanonicalRequest, seen.StringToSign, seen.Host) : null,
        };
        view = denial.Decision is { } decision ? view.With(decision) : view;
        return denial.Kind is DenialKind.KeyPolicy or DenialKind.SessionPolicy && IsOwn(request.Principal, denial) ? view
            : denial.Kind != DenialKind.Signature && !AdministersAny(request, denial) ? view.ForRequester(denial.Kind)
            : DenialKinds.IsOfRequester(denial.Kind) && !Administers(request, denial.RequesterId) ? view.WithoutPolicy(denial.Kind)
            : view;
    }

    /// <summary>
    /// The root user of the owner of the resource may see a denial; if there is no owner, that of the denied requester's organization may, and also if a policy of its own side denied. Who was
    /// denied learns which kind of rule it was, unless the resource and what denied belong to others: what policies and lists say is for those who administer them, except for the policy of
    /// one's own key. A bad signature is shown to the organization of the access key that it names and to the key's user: nothing else is known about the sender.
    /// </summary>
    private async ValueTask<bool> MayKnowAsync(ControlRequest request, Denial denial)
    {
        if (request.IsServerAdministrator)
        {
            return true;
        }

        if (denial.Kind == DenialKind.Signature)
        {
            return denial.AccessKeyId is { Length: > 0 } id
                && (await identity.Keys.FindAsync(id, request.CancellationToken) is { } key
                    ? VisibleKeys.Sees(request, key)
                    : await identity.TemporaryKeys.FindAsync(id, request.CancellationToken) is { } temporary && VisibleKeys.Sees(request, temporary));
        }

        return AdministersAny(request, denial)
            || (IsOwn(request.Principal, denial) && (DenialKinds.IsOfRequester(denial.Kind) || denial.OwnerId is null || denial.OwnerId == request.Principal.OwnerId));
    }

    /// <summary>Whether the requester administers the owner of the resource, or the side whose policy denied.</summary>
    private static bool AdministersAny(ControlRequest request, Denial denial) =>
        Administers(request, denial.OwnerId ?? denial.RequesterId) || (DenialKinds.IsOfRequester(denial.Kind) && Administers(request, denial.RequesterId));

    private static bool IsOwn(Principal me, Denial denial) =>
        denial.RequesterId == me.OwnerId && denial.UserId == me.UserId && denial.Principal == me.Arn && (me.KeyPolicy is null || denial.AccessKeyId == me.AccessKeyId || denial.ParentKey == me.AccessKeyId);

    private static bool Administers(ControlRequest request, string? canonicalId) =>
        request.IsServerAdministrator || (canonicalId is not null && request.Principal.IsRoot && request.Principal.OwnerId == canonicalId);
}
