namespace Hospes.Integration.Support;

/// <summary>What a program said and how it ended.</summary>
internal sealed record Answer(string Command, int Status, string Output, string Error)
{
    /// <summary>Its output's lines, without the empty one after the last line feed.</summary>
    public string[] Lines => Output.TrimEnd('\n').Split('\n');

    /// <summary>Itself, when it ended with 0.</summary>
    public Answer Succeeded()
    {
        Status.Should().Be(0, $"'{Command}' was to succeed; it said: {Output}{Error}");
        return this;
    }

    /// <summary>Itself, when it ended with 1 and complained in these words.</summary>
    public Answer Failed(string error)
    {
        Status.Should().Be(1, $"'{Command}' was to fail; it said: {Output}{Error}");
        Error.Should().StartWith("Error: ").And.Contain(error);
        return this;
    }
}
