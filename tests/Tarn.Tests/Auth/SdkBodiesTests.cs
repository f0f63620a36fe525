using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.S3.Auth;
using Tarn.S3.Auth.SigV4;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Auth.Bodies;

namespace Tarn.Tests.Auth;

/// <summary>Uploads exactly as sent by clients that are not run here: each is accepted, and its content arrives.</summary>
public sealed class SdkBodiesTests(SdkBodiesTests.Server server) : IClassFixture<SdkBodiesTests.Server>
{
    private static readonly string Folder = Path.Combine(RepositoryLayout.Root, "tests", "Tarn.Tests", "Auth", "Recorded");

    public static TheoryData<string> Requests => [.. Directory.GetFiles(Folder, "*.http").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Is_taken_as_it_is(string file)
    {
        byte[] wire = await File.ReadAllBytesAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken);
        string[] announced = [.. Encoding.Latin1.GetString(wire).Split("\r\n").Where(line => line.StartsWith("X-Amz-Trailer: ", StringComparison.Ordinal))];
        string name = Assert.Single(announced)["X-Amz-Trailer: ".Length..];
        Assert.True(ChecksumAlgorithms.TryParseHeader(name, out ChecksumAlgorithm algorithm));
        using StreamHasher hasher = StreamHasher.Create(algorithm);
        hasher.Append("hello, world"u8);
        byte[] checksum = new byte[hasher.HashSize];
        hasher.Finish(checksum);
        Assert.Equal($"hello, world {name}={Convert.ToBase64String(checksum)}", await ReplayAsync(wire));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Cut_short_it_is_not(string file)
    {
        byte[] wire = await File.ReadAllBytesAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken);
        int body = Encoding.Latin1.GetString(wire).IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        Assert.Equal("IncompleteBody", await ReplayAsync(wire[..body], ends: true));
        Assert.Equal("IncompleteBody", await ReplayAsync(wire[..^8], ends: true));
    }

    /// <summary>The server's reading of the request: content and trailers, or the error code.</summary>
    private async Task<string> ReplayAsync(byte[] wire, bool ends = false)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using RawConnection client = await RawConnection.OpenAsync(server.Address);
        await client.WriteAsync(wire);
        if (ends)
        {
            client.FinishSending();
        }

        return await server.Understood.ReadAsync(cancellation);
    }

    /// <summary>Reads uploads, one at a time, and reports what it read of each.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly Channel<string> _understood = Channel.CreateUnbounded<string>();
        private WebApplication? _app;

        public ChannelReader<string> Understood => _understood.Reader;

        public Uri Address => new(_app!.Urls.First());

        public async ValueTask InitializeAsync()
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _app = builder.Build();
            _app.Run(async context => await _understood.Writer.WriteAsync(await ReadAsync(new AuthFixture(), context)));
            await _app.StartAsync();
        }

        public ValueTask DisposeAsync() => _app!.DisposeAsync();

        private static async Task<string> ReadAsync(AuthFixture fixture, HttpContext context)
        {
            try
            {
                AuthenticationResult result = await fixture.Authenticator.AuthenticateAsync(context);
                var upload = new UploadBodyFactory(fixture.Clock).Create(context.Request, result);
                string content = Encoding.ASCII.GetString(await BodyReading.AllAsync(upload));
                return string.Join(' ', [content, .. upload.Trailers.Select(trailer => $"{trailer.Key}={trailer.Value}")]);
            }
            catch (S3Exception refusal)
            {
                return refusal.Error.Code;
            }
        }
    }
}
