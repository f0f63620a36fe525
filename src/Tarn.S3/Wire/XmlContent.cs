namespace Tarn.S3.Wire;

/// <summary>Writes an answer's XML document.</summary>
internal delegate void XmlContent(ref S3XmlWriter xml);
