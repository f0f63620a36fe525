using System.Text;

namespace Tarn.TestKit.Servers;

/// <summary>Keeps the last lines a process wrote, for the messages of failing tests.</summary>
public sealed class ProcessOutput
{
    private const int MaximumLines = 2000;
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    /// <summary>Adds a line; null (the end of the stream) adds nothing.</summary>
    public void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaximumLines)
            {
                _lines.Dequeue();
            }
        }
    }

    /// <summary>The kept lines, oldest first.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            foreach (var line in _lines)
            {
                text.Append(line).Append('\n');
            }

            return text.ToString();
        }
    }
}
