using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Tarn.Backends.Files;
using Tarn.Core.Backups;
using Tarn.Core.Blobs;

namespace Tarn.Server.Backups;

/// <summary>
/// Backups in a bucket, under the same names as in a directory. An object appears whole, and the service verifies what it takes by a checksum, so nothing has a temporary name; there is no lock.
/// </summary>
internal sealed class S3Target : IBackupTarget
{
    private const string Scheme = "s3://";
    private const string Marker = "tarn-backups";
    private const string Version = "1\n";
    private const long MaxObject = 5L << 40;

    private readonly S3Objects _objects;
    private readonly string _scratch;
    private readonly string _bucket;
    private readonly string _prefix;

    private S3Target(S3Objects objects, string bucket, string prefix)
    {
        (_bucket, _prefix) = (bucket, prefix);
        _objects = objects;
        _scratch = Directory.CreateTempSubdirectory("tarn-backup-").FullName;
        Blobs = new S3Blobs(objects, _scratch);
    }

    public string Place => _objects.Place;

    public IBlobStore Blobs { get; }

    /// <summary>The object that every place has, and that is no other one's: each has something random in it.</summary>
    public (string Bucket, string Key) MarkerObject => (_bucket, _prefix + Marker);

    public bool TrustsListing => true;

    /// <summary>Whether a target is a bucket.</summary>
    public static bool Is(string target) => target.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>Splits <c>s3://bucket/prefix</c>.</summary>
    /// <exception cref="BackupRefusedException">It is not like that.</exception>
    public static (string Bucket, string Prefix) Parse(string target)
    {
        string[] parts = target[Scheme.Length..].TrimEnd('/').Split('/');
        return Is(target) && parts[0].Length > 0 && !parts.Any(static part => part is "" or "." or ".." || part.Any(char.IsControl))
            ? (parts[0], string.Join('/', parts.Skip(1)))
            : throw new BackupRefusedException($"'{target}' is not like s3://bucket/prefix");
    }

    /// <summary>
    /// The client that the environment describes, as the AWS command line reads it: <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c>, <c>AWS_REGION</c>, and for a service other than AWS
    /// <c>AWS_ENDPOINT_URL_S3</c> or <c>AWS_ENDPOINT_URL</c>.
    /// </summary>
    public static IAmazonS3 CreateClient()
    {
        string? endpoint = Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL");
        string region = Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? "us-east-1";
        var config = new AmazonS3Config { ForcePathStyle = endpoint is not null };
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = region;
        }
        else
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        }

        return new AmazonS3Client(config);

        static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Opens the backups below a prefix of a bucket.</summary>
    /// <param name="client">Sends the requests; owned from now on.</param>
    /// <param name="target"><c>s3://bucket/prefix</c>.</param>
    /// <param name="toWrite">Whether a place is made if there is none.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BackupRefusedException">There is something else, or nothing and it is only read, or a newer build wrote it.</exception>
    /// <exception cref="IOException">The service refuses or does not answer.</exception>
    public static async Task<S3Target> OpenAsync(IAmazonS3 client, string target, bool toWrite, CancellationToken cancellationToken)
    {
        (string bucket, string prefix) = Parse(target);
        S3Target? opened = new(new S3Objects(client, bucket, prefix.Length == 0 ? "" : prefix + "/"), bucket, prefix.Length == 0 ? "" : prefix + "/");
        S3Target made = opened;
        try
        {
            await made.CheckAsync(toWrite, cancellationToken);
            opened = null;
            return made;
        }
        finally
        {
            if (opened is not null)
            {
                await opened.DisposeAsync();
            }
        }
    }

    /// <summary>The ETag of <see cref="MarkerObject"/>.</summary>
    public Task<string> MarkerETagAsync(CancellationToken cancellationToken) => _objects.ETagAsync(Marker, cancellationToken);

    public string CreateScratch() => Directory.CreateDirectory(Path.Combine(_scratch, Path.GetRandomFileName())).FullName;

    public async ValueTask<(long Length, string Sha256, bool IsNew)> AddAsync(FileStream content, bool mayShare, CancellationToken cancellationToken)
    {
        // Others may write to the file: what is sent is what was hashed.
        await using FileStream copy = CreateTemporary();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        content.Position = 0;
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and int count)
        {
            hash.AppendData(buffer, 0, count);
            await copy.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        string sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        long length = copy.Length;
        if (await HasAsync(sha256, length, cancellationToken))
        {
            return (length, sha256, false);
        }

        await _objects.PutAsync(NameOf(sha256), copy, cancellationToken);
        return (length, sha256, true);
    }

    public async ValueTask<Stream?> OpenListAsync(string sha256, CancellationToken cancellationToken)
    {
        await using Stream? content = await OpenAsync(sha256, cancellationToken);
        if (content is null)
        {
            return null;
        }

        FileStream? copy = CreateTemporary();
        try
        {
            await content.CopyToAsync(copy, cancellationToken);
            copy.Position = 0;
            FileStream whole = copy;
            copy = null;
            return whole;
        }
        finally
        {
            if (copy is not null)
            {
                await copy.DisposeAsync();
            }
        }
    }

    public ValueTask<bool> HasRoomAsync(long length, CancellationToken cancellationToken) =>
        new(length <= MaxObject && FileSystemSpace.Of(_scratch).FreeBytes - SpaceWatch.LeftFree > length);

    public async ValueTask<bool> HasAsync(string sha256, long length, CancellationToken cancellationToken) => await _objects.FindAsync(NameOf(sha256), cancellationToken) == length;

    public async ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) => await _objects.OpenAsync(NameOf(sha256), 0, cancellationToken);

    public async ValueTask<bool> FetchAsync(string sha256, string path, CancellationToken cancellationToken)
    {
        await using Stream? content = await OpenAsync(sha256, cancellationToken);
        if (content is null)
        {
            return false;
        }

        await using FileStream copy = File.Create(path);
        await content.CopyToAsync(copy, cancellationToken);
        return true;
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((string name, _, _) in _objects.ListAsync("files/", cancellationToken))
        {
            yield return Path.GetFileName(name);
        }
    }

    public async ValueTask RemoveAsync(string sha256, CancellationToken cancellationToken) => await _objects.DeleteAsync(NameOf(sha256), cancellationToken);

    public async ValueTask<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach ((string name, _, _) in _objects.ListAsync("backups/", cancellationToken))
        {
            if (BackupNames.IsValid(Path.GetFileName(name)))
            {
                names.Add(Path.GetFileName(name));
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    public async ValueTask<byte[]?> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        await using Stream? content = await _objects.OpenAsync(ManifestOf(name), 0, cancellationToken);
        if (content is null)
        {
            return null;
        }

        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    public async ValueTask WriteManifestAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream(content);
        await _objects.PutAsync(ManifestOf(name), bytes, cancellationToken);
    }

    public async ValueTask RemoveManifestAsync(string name, CancellationToken cancellationToken) => await _objects.DeleteAsync(ManifestOf(name), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _objects.Dispose();
        Directory.Delete(_scratch, recursive: true);
        return default;
    }

    private async Task CheckAsync(bool toWrite, CancellationToken cancellationToken)
    {
        await using Stream? marker = await _objects.OpenAsync(Marker, 0, cancellationToken);
        if (marker is not null)
        {
            using var reader = new StreamReader(marker);
            string version = await reader.ReadToEndAsync(cancellationToken);
            if (!version.StartsWith(Version, StringComparison.Ordinal))
            {
                throw new BackupRefusedException($"the backups in {Place} have format {version.Trim()}; this build reads {Version.Trim()}");
            }

            return;
        }

        if (!toWrite)
        {
            throw new BackupRefusedException($"there are no backups in {Place}: it has no object {Marker}");
        }

        await foreach ((string name, _, _) in _objects.ListAsync("", cancellationToken))
        {
            throw new BackupRefusedException($"{Place} has something else than backups of Tarn: {name}");
        }

        using var content = new MemoryStream(Encoding.ASCII.GetBytes($"{Version}{Path.GetRandomFileName()}\n"));
        await _objects.PutAsync(Marker, content, cancellationToken);
    }

    private FileStream CreateTemporary() =>
        new(Path.Combine(_scratch, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);

    private static string ManifestOf(string name) => BackupNames.IsValid(name) ? $"backups/{name}" : throw new BackupRefusedException($"'{name}' is not the name of a backup");

    private static string NameOf(string sha256) => sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower)
        ? $"files/{sha256[..2]}/{sha256}"
        : throw new BackupDamagedException("a manifest names a file by what is no SHA-256");
}
