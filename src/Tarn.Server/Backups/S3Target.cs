using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Tarn.Backends.Files;
using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Server.Configuration;

namespace Tarn.Server.Backups;

/// <summary>
/// Backups in a bucket, under the same names as in a directory. An object appears whole, and the service verifies what it takes by a checksum, so nothing has a temporary name; there is no lock.
/// </summary>
internal sealed class S3Target : IBackupTarget
{
    private const long MaxObject = 5L << 40;

    private readonly S3Objects _objects;
    private readonly BucketPlace _at;
    private readonly string _scratch;

    private S3Target(S3Objects objects, BucketPlace at)
    {
        _objects = objects;
        _at = at;
        _scratch = Directory.CreateTempSubdirectory("tarn-backup-").FullName;
        Blobs = new S3Blobs(objects, _scratch);
    }

    public string Place => _objects.Place;

    public IBlobStore Blobs { get; }

    public bool TrustsListing => true;

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
    /// <param name="target">The place.</param>
    /// <param name="toWrite">Whether a place is made if there is none.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BackupRefusedException">There is something else, or nothing and it is only read, or a newer build wrote it.</exception>
    /// <exception cref="IOException">The service refuses or does not answer.</exception>
    public static async Task<S3Target> OpenAsync(IAmazonS3 client, BucketPlace target, bool toWrite, CancellationToken cancellationToken)
    {
        S3Target? opened = new(new S3Objects(client, target.Bucket, KeyOf(target, "")), target);
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

    public string CreateScratch() => Directory.CreateDirectory(Path.Combine(_scratch, Path.GetRandomFileName())).FullName;

    public async ValueTask<(long Length, string Sha256, bool IsNew)> AddAsync(FileStream content, bool mayShare, CancellationToken cancellationToken)
    {
        // Others may write to the file: what is sent is what was hashed.
        await using FileStream copy = CreateTemporary();
        content.Position = 0;
        (long length, string sha256) = await HashedCopy.RunAsync(content, copy, read: null, cancellationToken);
        if (await HasAsync(sha256, length, cancellationToken))
        {
            return (length, sha256, false);
        }

        await _objects.PutAsync(BackupLayout.FileOf(sha256), copy, cancellationToken);
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

    public ValueTask<bool> HasRoomAsync(long length, long allocated, CancellationToken cancellationToken) =>
        new(length <= MaxObject && FileSystemSpace.Of(_scratch).FreeBytes - SpaceWatch.LeftFree > allocated);

    public async ValueTask<bool> HasAsync(string sha256, long length, CancellationToken cancellationToken) => await _objects.FindAsync(BackupLayout.FileOf(sha256), cancellationToken) == length;

    public async ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) => await _objects.OpenAsync(BackupLayout.FileOf(sha256), 0, cancellationToken);

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
        await foreach ((string name, _, _) in _objects.ListAsync(BackupLayout.Files + "/", cancellationToken))
        {
            yield return Path.GetFileName(name);
        }
    }

    public async ValueTask RemoveAsync(string sha256, CancellationToken cancellationToken) => await _objects.DeleteAsync(BackupLayout.FileOf(sha256), cancellationToken);

    public async ValueTask BeginAsync(string name, CancellationToken cancellationToken) => await _objects.PutAsync(BackupLayout.UnfinishedOf(name), Stream.Null, cancellationToken);

    public async ValueTask EndAsync(string name, CancellationToken cancellationToken) => await _objects.DeleteAsync(BackupLayout.UnfinishedOf(name), cancellationToken);

    public async ValueTask<IReadOnlyList<string>> UnfinishedAsync(CancellationToken cancellationToken) =>
        [.. (await NamesInAsync(BackupLayout.Unfinished, cancellationToken)).Except(await NamesAsync(cancellationToken))];

    public async ValueTask<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) => await NamesInAsync(BackupLayout.Manifests, cancellationToken);

    public async ValueTask<byte[]?> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        await using Stream? content = await _objects.OpenAsync(BackupLayout.ManifestOf(name), 0, cancellationToken);
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
        await _objects.PutAsync(BackupLayout.ManifestOf(name), bytes, cancellationToken);
    }

    public async ValueTask RemoveManifestAsync(string name, CancellationToken cancellationToken) => await _objects.DeleteAsync(BackupLayout.ManifestOf(name), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _objects.Dispose();
        Directory.Delete(_scratch, recursive: true);
        return default;
    }

    /// <summary>
    /// Finds out whether the place is in the server itself, by whatever address it is reached: something with a random name is put there and looked for. Each backup would copy the ones before.
    /// </summary>
    /// <param name="has">Whether the server has an object with that key.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public async Task<bool> IsInAsync(Func<string, CancellationToken, ValueTask<bool>> has, CancellationToken cancellationToken)
    {
        // What a process left that was killed meanwhile.
        foreach (string left in await _objects.ListAsync(BackupLayout.Temporary + "/", cancellationToken).Select(static item => item.Name).ToListAsync(cancellationToken))
        {
            await _objects.DeleteAsync(left, cancellationToken);
        }

        string name = $"{BackupLayout.Temporary}/{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        await _objects.PutAsync(name, Stream.Null, cancellationToken);
        try
        {
            return await has(KeyOf(_at, name), cancellationToken);
        }
        finally
        {
            await _objects.DeleteAsync(name, cancellationToken);
        }
    }

    private static string KeyOf(BucketPlace place, string name) => place.Prefix.Length == 0 ? name : $"{place.Prefix}/{name}";

    private async Task CheckAsync(bool toWrite, CancellationToken cancellationToken)
    {
        await using Stream? marker = await _objects.OpenAsync(BackupLayout.Marker, 0, cancellationToken);
        if (marker is not null)
        {
            using var reader = new StreamReader(marker);
            string version = (await reader.ReadToEndAsync(cancellationToken)).Trim();
            if (version != BackupLayout.Version)
            {
                throw new BackupRefusedException($"the backups in {Place} have format {version}; this build reads {BackupLayout.Version}");
            }

            return;
        }

        if (!toWrite)
        {
            throw new BackupRefusedException($"there are no backups in {Place}: it has no object {BackupLayout.Marker}");
        }

        await foreach ((string name, _, _) in _objects.ListAsync("", cancellationToken))
        {
            throw new BackupRefusedException($"{Place} has something else than backups of Tarn: {name}");
        }

        using var content = new MemoryStream(Encoding.ASCII.GetBytes(BackupLayout.Version + "\n"));
        await _objects.PutAsync(BackupLayout.Marker, content, cancellationToken);
    }

    private async ValueTask<IReadOnlyList<string>> NamesInAsync(string directory, CancellationToken cancellationToken) =>
        BackupLayout.NamesOf(await _objects.ListAsync(directory + "/", cancellationToken).Select(static item => item.Name).ToListAsync(cancellationToken));

    private FileStream CreateTemporary() =>
        new(Path.Combine(_scratch, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
}
