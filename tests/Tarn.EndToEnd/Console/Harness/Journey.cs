using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3;
using Microsoft.Playwright;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>What tests of the console have in common: visitors, buckets and files of their own, and that no page of theirs may err.</summary>
public abstract class Journey(Stage stage, ConsoleStage console) : IAsyncLifetime
{
    private readonly List<Visit> _visits = [];
    private readonly List<IBrowserContext> _unwatched = [];
    private readonly List<TemporaryDirectory> _directories = [];

    protected ConsoleStage Stage => console;

    protected AmazonS3Client S3 => console.S3;

    /// <summary>Whether what is shown is of the browser, not of the page alone, and needs all of it.</summary>
    protected bool NeedsWholeBrowser { get; set; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        ConsoleBuild.Need();
        await console.BeginAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (Visit visit in _visits)
        {
            await visit.DisposeAsync();
            foreach (string refusal in visit.Refusals)
            {
                TestContext.Current.TestOutputHelper?.WriteLine(refusal);
            }
        }

        foreach (IBrowserContext context in _unwatched)
        {
            await context.CloseAsync();
        }

        _directories.ForEach(directory => directory.Dispose());
        GC.SuppressFinalize(this);
        Assert.Empty(_visits.SelectMany(visit => visit.Problems));
    }

    /// <summary>A visitor who has not signed in.</summary>
    protected async Task<ConsolePage> VisitAsync(BrowserNewContextOptions? options = null, string? origin = null)
    {
        Visit visit = await Visit.BeginAsync(await stage.NewContextAsync(options, NeedsWholeBrowser));
        _visits.Add(visit);
        return new ConsolePage(visit, origin ?? console.Console);
    }

    /// <summary>A visitor who is signed in.</summary>
    protected async Task<ConsolePage> SignedInAsync(Who who = Who.Root, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.StorageState = (await console.SessionAsync(who)).Kept();
        return await VisitAsync(options);
    }

    /// <summary>A browser whose pages may err, for a test of what it refuses; it is closed with the test.</summary>
    protected async Task<IBrowserContext> UnwatchedAsync(BrowserNewContextOptions? options = null)
    {
        IBrowserContext context = await stage.NewContextAsync(options, NeedsWholeBrowser);
        _unwatched.Add(context);
        return context;
    }

    /// <summary>A name that no other bucket or disk has.</summary>
    protected static string NewName(string what) => $"{what}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}";

    protected async Task<string> NewBucketAsync(string what = "journey")
    {
        string name = NewName(what);
        await S3.PutBucketAsync(name, Cancel);
        return name;
    }

    protected Task PutAsync(string bucket, string key, string content, string type = "text/plain") =>
        S3.PutObjectAsync(new() { BucketName = bucket, Key = key, ContentBody = content, ContentType = type }, Cancel);

    protected async Task<string[]> KeysAsync(string bucket) =>
        [.. ((await S3.ListObjectsV2Async(new() { BucketName = bucket }, Cancel)).S3Objects ?? []).Select(found => found.Key)];

    protected async Task<byte[]> BytesAsync(string bucket, string key)
    {
        using var stored = await S3.GetObjectAsync(bucket, key, Cancel);
        using var content = new MemoryStream();
        await stored.ResponseStream.CopyToAsync(content, Cancel);
        return content.ToArray();
    }

    /// <summary>A directory of the test.</summary>
    protected TemporaryDirectory NewDirectory()
    {
        var directory = new TemporaryDirectory("journey");
        _directories.Add(directory);
        return directory;
    }

    /// <summary>Writes a file of pseudo-random bytes.</summary>
    protected static byte[] WriteFile(string path, int length)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        return bytes;
    }

    protected static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
