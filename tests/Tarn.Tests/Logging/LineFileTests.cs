using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tarn.Server.Logging;
using Tarn.TestKit.Servers;
using Tarn.Tests.Sharing;
using Microsoft.Extensions.Logging;

namespace Tarn.Tests.Logging;

/// <summary>The files of the access log and the audit log, and what happens to them.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class LineFileTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly TemporaryDirectory _directory = new("lines");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_was_moved_or_removed_is_made_anew_and_what_was_there_stays(bool moved)
    {
        string path = _directory.PathOf("access.log");
        File.WriteAllText(path, "before\n");
        using var file = new LineFile(path, isDurable: true);
        file.Write("one\n"u8);
        Assert.Equal("before\none\n", File.ReadAllText(path));
        if (moved)
        {
            File.Move(path, path + ".1");
        }
        else
        {
            File.Delete(path);
        }

        file.Write("two\n"u8);
        Assert.Equal("two\n", File.ReadAllText(path));
        Assert.True(!moved || File.ReadAllText(path + ".1") == "before\none\n");
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite));

        // As copytruncate does.
        File.WriteAllText(path, "");
        file.Write("three\n"u8);
        Assert.Equal("three\n", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("", "new\n")]
    [InlineData("whole\n", "whole\nnew\n")]
    [InlineData("torn", "torn\nnew\n")]
    public void What_another_process_left_of_a_line_does_not_become_part_of_the_next(string before, string after)
    {
        string path = _directory.PathOf("audit.log");
        File.WriteAllText(path, before);
        using var file = new LineFile(path, isDurable: true);
        file.Write("new\n"u8);
        Assert.Equal(after, File.ReadAllText(path));
    }

    [Fact]
    public void A_device_that_cannot_be_synced_takes_lines()
    {
        using var file = new LineFile("/dev/null", isDurable: true);
        file.Check();
        file.Write("one\n"u8);
        file.Write("two\n"u8);
    }

    [Fact]
    public void A_socket_is_refused_at_the_start()
    {
        string path = _directory.PathOf("s");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        using var file = new LineFile(path, isDurable: false);
        Assert.Throws<IOException>(file.Check);
    }

    [Fact]
    public void Of_a_piece_that_was_written_in_part_only_the_rest_is_lost()
    {
        using var server = new KeptLog(typeof(LineLog).FullName!);
        using var open = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        using var log = new LineLog(
            "access log",
            lines =>
            {
                entered.Set();
                open.Wait();
                if (lines.StartsWith("one"u8))
                {
                    throw new IncompleteWriteException("full", 28, "one\ntw"u8.Length);
                }
            },
            new FakeTimeProvider(),
            server.CreateLogger<LineLog>());
        log.Add("zero");
        entered.Wait();
        log.Add("one");
        log.Add("two");
        log.Add("three");
        open.Set();
        Assert.True(log.Flush(Long));
        Assert.Equal(["2 lines of the access log were lost: full"], server.Lines);
    }

    [Fact]
    public void What_was_lost_is_said_at_a_stop_even_if_no_line_comes_after_it()
    {
        using var server = new KeptLog(typeof(LineLog).FullName!);
        bool fails = true;
        var written = new List<string>();
        using (var log = new LineLog(
            "audit log",
            lines =>
            {
                if (Volatile.Read(ref fails))
                {
                    throw new IOException("full");
                }

                written.Add(Encoding.UTF8.GetString(lines));
            },
            new FakeTimeProvider(),
            server.CreateLogger<LineLog>(),
            (_, lines) => $"lost {lines}"))
        {
            log.Add("lost");
            Assert.True(log.Flush(Long));
            Volatile.Write(ref fails, false);
        }

        Assert.Equal(["lost 1\n"], written);
    }

    [Fact]
    public void What_a_stuck_sink_has_not_taken_at_a_stop_is_counted_and_reported()
    {
        using var server = new KeptLog(typeof(LineLog).FullName!);
        using var entered = new ManualResetEventSlim();
        using var open = new ManualResetEventSlim();
        var log = new LineLog(
            "audit log",
            _ =>
            {
                entered.Set();
                open.Wait();
            },
            new FakeTimeProvider(),
            server.CreateLogger<LineLog>(),
            patience: TimeSpan.Zero);
        log.Add("first");
        entered.Wait();
        log.Add("second");
        log.Add("third");
        log.Dispose();
        Assert.Equal(["3 lines of the audit log were lost: it is not read, or written, fast enough"], server.Lines);
        open.Set();
    }

    [Fact]
    public void A_line_for_which_there_is_no_room_is_not_made()
    {
        using var server = new KeptLog(typeof(LineLog).FullName!);
        using var entered = new ManualResetEventSlim();
        using var open = new ManualResetEventSlim();
        int made = 0;
        using var log = new LineLog(
            "access log",
            _ =>
            {
                entered.Set();
                open.Wait();
            },
            new FakeTimeProvider(),
            server.CreateLogger<LineLog>());
        log.Add("first");
        entered.Wait();
        for (int i = 0; i < 5; i++)
        {
            log.Add(i, _ =>
            {
                made++;
                return new string('x', LogQueue.MaxWaiting / 2);
            });
        }

        Assert.Equal(2, made);
        open.Set();
    }

    [Fact]
    public void A_directory_that_vanished_and_came_back_costs_the_lines_of_between()
    {
        string inside = _directory.PathOf("logs"), path = Path.Combine(inside, "access.log");
        Directory.CreateDirectory(inside);
        using var file = new LineFile(path, isDurable: false);
        file.Write("one\n"u8);
        Directory.Delete(inside, recursive: true);
        Assert.Contains("No such file or directory", Assert.ThrowsAny<IOException>(() => file.Write("lost\n"u8)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(inside);
        file.Write("two\n"u8);
        Assert.Equal("two\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_full_device_is_an_error_each_time()
    {
        using var file = new LineFile("/dev/full", isDurable: true);
        Assert.Contains("No space left", Assert.ThrowsAny<IOException>(() => file.Write("a\n"u8)).Message, StringComparison.Ordinal);
        Assert.Contains("No space left", Assert.ThrowsAny<IOException>(() => file.Write("a\n"u8)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fifo_may_be_without_a_reader_and_goes_on_when_one_comes()
    {
        string path = Fifo();
        using var file = new LineFile(path, isDurable: true);
        file.Check();
        Assert.ThrowsAny<IOException>(() => file.Write("nobody\n"u8));
        Task<string> first = ReadAsync(path, 4);
        await WriteAsync(file, "one\n");
        Assert.Equal("one\n", await first);
        Assert.ThrowsAny<IOException>(() => file.Write("broken\n"u8));
        Task<string> second = ReadAsync(path, 4);
        await WriteAsync(file, "two\n");
        Assert.Equal("two\n", await second);
    }

    [Fact]
    public async Task What_a_broken_pipe_left_of_a_line_does_not_become_part_of_the_next()
    {
        string path = Fifo();
        using var file = new LineFile(path, isDurable: false);
        Task<string> first = ReadAsync(path, 10);
        byte[] large = Encoding.ASCII.GetBytes(new string('x', 1 << 20) + "\n");
        await WriteAsync(file, null, large);
        Assert.Equal("xxxxxxxxxx", await first);
        Task<string> second = ReadAsync(path, 5);
        await WriteAsync(file, "two\n");
        Assert.Equal("\ntwo\n", await second);
    }

    [Fact]
    public void Lines_that_a_stuck_sink_does_not_take_are_counted_and_reported_at_once_and_afterwards()
    {
        var time = new FakeTimeProvider();
        using var entered = new ManualResetEventSlim();
        using var open = new ManualResetEventSlim();
        using var server = new KeptLog(typeof(LineLog).FullName!);
        var written = new List<string>();
        using (var log = new LineLog(
            "audit log",
            lines =>
            {
                entered.Set();
                open.Wait();
                written.AddRange(Encoding.UTF8.GetString(lines).TrimEnd('\n').Split('\n'));
            },
            time,
            server.CreateLogger<LineLog>(),
            (_, lines) => $"lost {lines}"))
        {
            log.Add("first");
            entered.Wait();
            string line = new('x', LogQueue.MaxWaiting / 4);
            for (int i = 0; i < 10; i++)
            {
                log.Add(line);
            }

            Assert.Equal(["1 lines of the audit log were lost: it is not read, or written, fast enough"], server.Lines);
            time.Advance(TimeSpan.FromSeconds(11));
            log.Add(line);
            Assert.Equal("6 lines of the audit log were lost: it is not read, or written, fast enough", server.Lines.Last());
            open.Set();
            Assert.True(log.Flush(Long));
            log.Add("last");
            Assert.True(log.Flush(Long));
        }

        Assert.Equal(["first", "lost 7", "last"], written.Where(line => line.Length < 100));
    }

    [Fact]
    public void A_sink_that_fails_is_tried_again_for_each_line_and_the_reason_is_in_the_servers_log()
    {
        string inside = _directory.PathOf("gone"), path = Path.Combine(inside, "access.log");
        using var server = new KeptLog(typeof(LineLog).FullName!);
        using (var log = new LineLog("access log", new LineFile(path, isDurable: false).Write, new FakeTimeProvider(), server.CreateLogger<LineLog>()))
        {
            log.Add("lost");
            Assert.True(log.Flush(Long));
            log.Add("lost too");
            Assert.True(log.Flush(Long));
            Directory.CreateDirectory(inside);
            log.Add("kept");
            Assert.True(log.Flush(Long));
        }

        Assert.Equal("kept\n", File.ReadAllText(path));
        Assert.Equal([$"1 lines of the access log were lost: {path}: No such file or directory", "1 lines of the access log were lost: until now"], server.Lines);
    }

    /// <summary>Writes until somebody reads: until then there is no reader.</summary>
    private static Task WriteAsync(LineFile file, string? line, byte[]? large = null) => Task.Run(() =>
    {
        while (true)
        {
            try
            {
                file.Write(large ?? Encoding.ASCII.GetBytes(line!));
                return;
            }
            catch (IOException e) when (e.HResult == 6 || (large is null && e.HResult == 32))
            {
                Thread.Yield();
            }
            catch (IOException) when (large is not null)
            {
                return;
            }
        }
    });

    private static Task<string> ReadAsync(string path, int count) => Task.Run(() =>
    {
        using FileStream reader = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] bytes = new byte[count];
        reader.ReadExactly(bytes);
        return Encoding.ASCII.GetString(bytes);
    });

    private string Fifo()
    {
        string path = _directory.PathOf("fifo");
        using Process made = Process.Start("mkfifo", path);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
        return path;
    }
}
