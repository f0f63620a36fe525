using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

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

        // Another process that shares the stream may have made it non-blocking.
        using var descriptor = new SafeFileHandle(stream, ownsHandle: false);
        DescriptorWrite.All(descriptor, bytes, out int error);
        if (error != 0)
        {
            throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);
}
