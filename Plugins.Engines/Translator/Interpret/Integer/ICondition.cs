using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>A condition on the arithmetic flags, compiled into the handler that tests it.</summary>
internal unsafe interface ICondition
{
    static abstract bool Holds(CpuContext* c);
}
