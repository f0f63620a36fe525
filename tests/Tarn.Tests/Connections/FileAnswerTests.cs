using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.Server.Hosting;
using Tarn.Tests.Server;

namespace Tarn.Tests.Connections;

/// <summary>Answers that are sent from files and from memory in turns, on a real listener.</summary>
public sealed class FileAnswerTests : IAsyncDisposable
{
    private const int Length = 5 << 20;

    private readonly string _path = Path.GetTempFileName();
    private readonly byte[] _content = new byte[Length];
    private SafeFileHandle _file = null!;
    private TarnHost _host = null!;
    private int _files;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _file.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public async Task Answers_on_one_connection_come_one_after_the_other()
    {
        await StartAsync();
        using Socket client = Connect();
        var random = new Random(3);
        List<(bool IsHead, int Offset, int Length)> asked = [.. Enumerable.Range(0, 40).Select(_ =>
        {
            int offset = random.Next(Length);
            return (random.Next(4) == 0, offset, random.Next(2) == 0 ? random.Next(Length - offset) : random.Next(Math.Min(Length - offset, 40_000)));
        })];

        // All at once, before the first answer is read.
        await client.SendAsync(Encoding.ASCII.GetBytes(string.Concat(asked.Select(
            static one => $"{(one.IsHead ? "HEAD" : "GET")} /{one.Offset}/{one.Length} HTTP/1.1\r\nHost: x\r\n\r\n"))), SocketFlags.None, Token);
        await using var stream = new NetworkStream(client);
        foreach ((bool isHead, int offset, int length) in asked)
        {
            Assert.Equal(length, await ReadHeadAsync(stream));
            if (!isHead)
            {
                byte[] body = new byte[length];
                await stream.ReadExactlyAsync(body, Token);
                int same = _content.AsSpan(offset, length).CommonPrefixLength(body);
                Assert.True(same == length, $"Of {length} bytes from {offset} on {same} arrived right.");
            }
        }

        Assert.NotEqual(0, _files);
    }

    [Fact]
    public async Task Clients_that_leave_in_the_middle_disturb_nobody()
    {
        await StartAsync();
        byte[] request = Encoding.ASCII.GetBytes($"GET /0/{Length} HTTP/1.1\r\nHost: x\r\n\r\n");
        for (int i = 0; i < 50; i++)
        {
            using Socket leaves = Connect();
            await leaves.SendAsync(request, SocketFlags.None, Token);
            await leaves.ReceiveAsync(new byte[1000], SocketFlags.None, Token);
            leaves.LingerState = new LingerOption(i % 2 == 0, 0);
        }

        using Socket client = Connect();
        await client.SendAsync(Encoding.ASCII.GetBytes($"GET /0/{Length} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), SocketFlags.None, Token);
        await using var stream = new NetworkStream(client);
        Assert.Equal(Length, await ReadHeadAsync(stream));
        using var body = new MemoryStream();
        await stream.CopyToAsync(body, Token);
        Assert.True(_content.AsSpan().SequenceEqual(body.ToArray()));
    }

    private static async Task<int> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, Token);
            head.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 200", head.ToString(), StringComparison.Ordinal);
        string line = head.ToString().Split("\r\n").Single(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return int.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture);
    }

    private Socket Connect()
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        client.Connect("127.0.0.1", new Uri(_host.S3Url).Port);
        return client;
    }

    private async Task StartAsync()
    {
        new Random(7).NextBytes(_content);
        await File.WriteAllBytesAsync(_path, _content, Token);
        _file = File.OpenHandle(_path, options: FileOptions.Asynchronous);
        _host = await TestHost.StartAsync(Bound.From(TestHost.FreePorts), async http =>
        {
            string[] parts = http.Request.Path.Value!.Split('/');
            int offset = int.Parse(parts[1], CultureInfo.InvariantCulture), length = int.Parse(parts[2], CultureInfo.InvariantCulture);
            http.Response.ContentLength = length;
            if (HttpMethods.IsGet(http.Request.Method))
            {
                await ContentSender.SendAsync(http, new Content(this), offset, length, new SentBytes(TimeProvider.System));
            }
        });
    }

    /// <summary>Runs of at most 2 MB, of which some steps are only to be read.</summary>
    private sealed class Content(FileAnswerTests test) : IObjectContent, IFileSource
    {
        public long Length => FileAnswerTests.Length;

        public ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new ContentRun(default, this, offset, Math.Min(length, 2_000_000)));

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => RandomAccess.ReadAsync(test._file, buffer, offset, cancellationToken);

        public ValueTask<SafeFileHandle?> FileAsync(long offset, long length)
        {
            bool isFile = (offset / 1000) % 3 != 0;
            test._files += isFile ? 1 : 0;
            return ValueTask.FromResult(isFile ? test._file : null);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
