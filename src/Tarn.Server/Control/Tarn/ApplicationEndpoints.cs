using System.Buffers;
using Tarn.Core.Applications;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy.Documents;
using Tarn.Server.Configuration;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/applications</c>.</summary>
internal sealed class ApplicationEndpoints(Applications applications, ServerOptions server, ControlOptions control)
{
    /// <summary>What a URL in a snippet may hold: nothing that a shell interprets between single quotes, or a program's text; brackets are for addresses of IPv6.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/[]%");

    public void Map(RouteGroupBuilder api) =>
        api.MapPost("/api/applications", CreateAsync).WithTags("Applications").WithName("CreateApplication").ForRoot().Refuses(404, 409);

    /// <summary>Creates what an application needs: a bucket, a user with an access key, and a bucket policy that lets that user use that bucket.</summary>
    /// <remarks>
    /// All of it or, if the request is refused or fails, nothing. The secret key, and the snippets that hold it, are shown only once: if the answer was lost, the same request is
    /// refused because the user exists, and POST /api/keys/{id}/rotate gives its key a new secret.
    /// </remarks>
    public async Task<Made<ApplicationView>> CreateAsync(ControlRequest request, JsonBody<ApplicationBody> body)
    {
        ApplicationBody wanted = body.Read();
        string organization = request.OrganizationOrOwn(wanted.Organization);
        string access = wanted.Access ?? CannedPolicies.ReadWrite;
        if (!CannedPolicies.Names.Contains(access))
        {
            throw ControlRefusalException.BadRequest($"access must be {KeyPolicyDocuments.Names}");
        }

        if (!BucketName.TryParse(wanted.Bucket ?? wanted.Name, out BucketName bucket))
        {
            throw ControlRefusalException.BadRequest(wanted.Bucket is null
                ? $"'{wanted.Name}' cannot be the name of a bucket: give the application's bucket another name"
                : $"'{wanted.Bucket}' cannot be the name of a bucket");
        }

        string endpoint = Endpoint(wanted.EndpointUrl);
        NewApplication made = await applications.CreateAsync(
            organization, new ApplicationRequest(wanted.Name, bucket, access, new AccessKeyRequest { By = request.Credential }), control.Region, server.ObjectOwnership, request.CancellationToken);
        return new(ApplicationView.Of(made, access, endpoint, control.Region));
    }

    /// <summary>The URL for the snippets: the given one, or the server's own.</summary>
    /// <exception cref="ControlRefusalException">400: it is none that can be pasted everywhere.</exception>
    private string Endpoint(string? given)
    {
        bool isOne = Uri.TryCreate(given ?? control.S3Base(), UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url is { UserInfo: "", Query: "", Fragment: "" } && !url.AbsoluteUri.AsSpan().ContainsAnyExcept(Plain);
        return isOne ? url!.AbsoluteUri.TrimEnd('/')
            : throw ControlRefusalException.BadRequest(given is null ? "the server does not know by which URL programs reach it: give endpointUrl" : "endpointUrl must be like https://s3.example.com");
    }
}
