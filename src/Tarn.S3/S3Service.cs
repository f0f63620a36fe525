using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tarn.Core;
using Tarn.Core.Access;
using Tarn.Core.Disks;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Storage;
using Tarn.S3.Access;
using Tarn.S3.Auth;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Cors;
using Tarn.S3.Forms;
using Tarn.S3.Operations;
using Tarn.S3.Operations.Buckets;
using Tarn.S3.Operations.Disks;
using Tarn.S3.Operations.Multipart;
using Tarn.S3.Operations.Objects;
using Tarn.S3.Operations.Service;
using Tarn.S3.Operations.Settings;
using Tarn.S3.Pipeline;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3;

/// <summary>The S3 protocol over an object store: builds its services once; they then serve every request.</summary>
public sealed class S3Service
{
    private readonly S3Middleware _middleware;
    private readonly RequestIds _ids;
    private readonly S3Domains _domains;

    /// <summary>Builds the protocol's services.</summary>
    /// <param name="store">The object buckets.</param>
    /// <param name="disks">The disks.</param>
    /// <param name="identity">The sources of identities and policies.</param>
    /// <param name="options">The operator's settings.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="random">Seeds request ids and creates rule ids.</param>
    /// <param name="loggers">Creates the loggers.</param>
    public S3Service(
        ObjectStore store, DiskStore disks, S3Identity identity, S3ServiceOptions options, TimeProvider clock, IRandomSource random, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(disks);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(options);
        var bodies = new UploadBodyFactory(clock);
        var version2 = new SigV2Authenticator(identity.Credentials, clock, options.SignatureV2, new SignatureV2Usage(loggers.CreateLogger<SignatureV2Usage>()), OperationTable.Parameters);
        var authenticator = new RequestAuthenticator(
            new Authenticator(identity.Credentials, clock, options.Region, tokens: identity.Tokens, version2: version2), bodies);
        _ids = new RequestIds(random);
        _domains = new S3Domains(options.Domains);
        var denials = new Denials(identity.Denials, clock, loggers.CreateLogger<Denials>());
        var decider = new AccessDecider(store.Reader, identity.Policies);
        var authorizer = new Authorizer(store.Buckets, store.Uploads, identity.Accounts, decider, denials, clock);
        Explainer = new AccessExplainer(store.Buckets, decider, clock, OperationTable.Permission);
        var gate = new DiskGate(disks.Catalog, authorizer, denials);
        var cors = new CorsGate(store.Buckets);
        var forms = new FormAuthenticator(identity.Credentials, bodies, clock, options.Region, version2);
        var grantees = new GranteeResolver(identity.Accounts);
        _middleware = new S3Middleware(
            _domains,
            Operations(store, disks, authorizer, gate, denials, grantees, cors, forms, options, clock, random, loggers),
            authenticator,
            gate,
            cors,
            _ids,
            clock,
            loggers.CreateLogger<S3Middleware>(),
            denials,
            region: new BucketRegion(options.Region, store.Buckets));
    }

    /// <summary>Explains access decisions.</summary>
    public AccessExplainer Explainer { get; }

    /// <summary>Serves one request.</summary>
    public Task HandleAsync(HttpContext context) => _middleware.InvokeAsync(context);

    /// <summary>Refuses a request with SlowDown, without serving it, when the server has no capacity for it.</summary>
    public Task RefuseBusyAsync(HttpContext context) => _middleware.InvokeAsync(context, Refusal.Busy());

    /// <summary>Answers requests that the web server refuses while parsing them with S3's error document.</summary>
    /// <param name="events">The diagnostic source on which the web server reports its refusals.</param>
    /// <param name="isS3">Whether a connection with these features belongs to a listener for S3.</param>
    public IDisposable AnswerRefusals(DiagnosticListener events, Func<IFeatureCollection, bool> isS3) =>
        events.Subscribe(new KestrelRefusals(_ids, _domains, isS3), static name => name == KestrelRefusals.EventName);

    private static OperationSet Operations(
        ObjectStore store, DiskStore disks, Authorizer authorizer, DiskGate gate, Denials denials, GranteeResolver grantees, CorsGate cors,
        FormAuthenticator forms, S3ServiceOptions options, TimeProvider clock, IRandomSource random, ILoggerFactory loggers)
    {
        var lifecycle = new LifecycleHeaders(store.Buckets, store.LifecycleDay);
        var answer = new ObjectAnswer(store.Reader, lifecycle);
        var files = new DiskObject(disks.Reader);
        var lister = new BucketLister(store.Lister, disks.Lister);
        var sources = new CopySourceReader(store.Reader, authorizer, clock);
        var aclHeaders = new AclHeaders(grantees);
        var aclXml = new AclXml(grantees);
        var acls = new AclRequest(aclHeaders, aclXml);
        var uploads = new UploadAccess(aclHeaders, denials);
        var put = new PutObject(store.Writer, uploads, lifecycle);
        var operations = new Dictionary<string, IOperation>
        {
            ["ListBuckets"] = new ListBuckets(store.Buckets, options.Region),
            ["CreateBucket"] = new CreateBucket(store.Buckets, aclHeaders, options.Region, options.ObjectOwnership),
            ["HeadBucket"] = new HeadBucket(disks.Reader),
            ["DeleteBucket"] = new DeleteBucket(store.Buckets),
            ["GetBucketLocation"] = new GetBucketLocation(options.Region),
            ["ListObjects"] = new ListObjects(lister),
            ["ListObjectsV2"] = new ListObjectsV2(lister),
            ["DeleteObjects"] = new DeleteObjects(store.Deleter, authorizer, loggers.CreateLogger<DeleteObjects>()),
            ["ListObjectVersions"] = new OfEither(new ListObjectVersions(store.Versions), new ListDiskVersions(lister)),
            ["GetBucketPolicyStatus"] = new OfEither(new GetBucketPolicyStatus(), new DiskSetting(S3Error.NoSuchBucketPolicy)),
            ["ListMultipartUploads"] = new ListMultipartUploads(store.Uploads),
            ["PutObject"] = put,
            ["PostObject"] = new PostObject(put, forms, gate, clock),
            ["GetObject"] = new GetObject(store.Reader, answer, files),
            ["HeadObject"] = new HeadObject(store.Reader, answer, files),
            ["DeleteObject"] = new DeleteObject(store.Deleter),
            ["CopyObject"] = new CopyObject(sources, store.Copier, uploads, lifecycle),
            ["Preflight"] = new Preflight(cors),
            ["GetObjectAttributes"] = new GetObjectAttributes(store.Reader, files),
            ["GetObjectTagging"] = new OfEither(new GetObjectTagging(store.Reader), new DiskFileTagging(files)),
            ["PutObjectTagging"] = new PutObjectTagging(store.Reader, store.Amender),
            ["DeleteObjectTagging"] = new DeleteObjectTagging(store.Reader, store.Amender),
            ["GetObjectAcl"] = new OfEither(new GetObjectAcl(store.Reader, aclXml), new DiskFileAcl(files, aclXml)),
            ["PutObjectAcl"] = new PutObjectAcl(store.Reader, store.Amender, acls, uploads),
            ["CreateMultipartUpload"] = new CreateMultipartUpload(store.Uploads, uploads, lifecycle),
            ["UploadPart"] = new UploadPart(store.Uploads, store.Parts),
            ["UploadPartCopy"] = new UploadPartCopy(store.Uploads, sources, store.Parts),
            ["CompleteMultipartUpload"] = new CompleteMultipartUpload(store.Completion, lifecycle),
            ["AbortMultipartUpload"] = new AbortMultipartUpload(store.Uploads),
            ["ListParts"] = new OfEither(new ListParts(store.Uploads, lifecycle), new DiskSetting(S3Error.NoSuchUpload)),
        };
        var services = new SettingServices(store.Buckets, store.Reader, files, acls, aclXml, uploads, grantees.Accounts, denials, random);
        foreach (SettingDeclaration setting in BucketSettings.All)
        {
            foreach (SettingRequest request in setting.Requests)
            {
                operations.Add(request.Name, setting.Serve(request, services));
            }
        }

        return new OperationSet(operations);
    }
}

/// <summary>The operator's settings for the S3 protocol.</summary>
/// <param name="Region">The region of all buckets, which signatures must name.</param>
/// <param name="Domains">Host names under which buckets are subdomains.</param>
public sealed record S3ServiceOptions(string Region, IReadOnlyList<string> Domains)
{
    /// <summary>The object ownership of buckets that are created without one.</summary>
    public ObjectOwnership ObjectOwnership { get; init; } = ObjectOwnership.BucketOwnerEnforced;

    /// <summary>Where Signature Version 2 is accepted, and the longest life of URLs and forms.</summary>
    public SignatureV2Options SignatureV2 { get; init; } = SignatureV2Options.Default;
}

/// <summary>The sources of identities and policies.</summary>
/// <param name="Credentials">Access keys.</param>
/// <param name="Accounts">The organizations that access control lists name.</param>
/// <param name="Policies">The policies of organizations.</param>
/// <param name="Denials">Keeps the reasons of denials.</param>
/// <param name="Tokens">Tokens of the control API, with which disks can be read; null: none are accepted.</param>
public sealed record S3Identity(
    ICredentialSource Credentials, IAccountDirectory Accounts, IOrganizationPolicySource Policies, DenialLog Denials, ITokenSource? Tokens = null);
