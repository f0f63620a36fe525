using System.Runtime.InteropServices;

namespace Tarn.Server.Logging;

/// <summary>
/// The standard streams that the process inherited. A process may be started with some of them closed; the next file opened then gets
/// the number of one, and text meant for a log or a terminal would be written into that file.
/// </summary>
internal static partial class StandardStreams
{
    private const int Output = 1;
    private const int Error = 2;
    private const int GetDescriptorFlags = 1; // F_GETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC
    private const int ReadWrite = 2; // O_RDWR
    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN
    private const short Writable = 4; // POLLOUT

    private static readonly bool[] Inherited = [true, true, true];

    /// <summary>Finds out which streams are open, and occupies the numbers of the others. Must be called before any file is opened.</summary>
    public static void Secure()
    {
        for (int number = 0; number < Inherited.Length; number++)
        {
            int flags = FileControl(number, GetDescriptorFlags, 0);

            // A descriptor marked close-on-exec was not inherited: it is a file that the runtime opened.
            Inherited[number] = flags >= 0 && (flags & CloseOnExec) == 0;
            if (flags < 0)
            {
                // Gets the lowest free number, which is this one.
                _ = Open("/dev/null", ReadWrite);
            }
        }
    }

    /// <summary>The output of commands.</summary>
    public static TextWriter OutputWriter() => Inherited[Output] ? Console.Out : TextWriter.Null;

    /// <summary>The error output of commands.</summary>
    public static TextWriter ErrorWriter() => Inherited[Error] ? Console.Error : TextWriter.Null;

    /// <summary>Writes to standard error, waiting for as long as it accepts nothing.</summary>
    /// <exception cref="IOException">Standard error is closed or on a full device, or its reader is gone.</exception>
    public static void WriteError(ReadOnlySpan<byte> bytes) => Write(Error, "Standard error", bytes);

    /// <summary>Writes to standard output, waiting for as long as it accepts nothing.</summary>
    /// <exception cref="IOException">Standard output is closed or on a full device, or its reader is gone.</exception>
    public static void WriteOutput(ReadOnlySpan<byte> bytes) => Write(Output, "Standard output", bytes);

    private static void Write(int stream, string name, ReadOnlySpan<byte> bytes)
    {
        if (!Inherited[stream])
        {
            throw new IOException($"{name} is closed.");
        }

        while (!bytes.IsEmpty)
        {
            nint written = Write(stream, bytes, (nuint)bytes.Length);
            if (written >= 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case TryAgain:
                    // Another process that shares the stream made it non-blocking.
                    var poll = new PollDescriptor { Descriptor = stream, Events = Writable };
                    _ = Poll(ref poll, 1, -1);
                    break;
                case int error:
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeout);

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
